#!/bin/sh
# What the image has beside the portal: an ordinary user, the folder of its data, and letters for documents that bring none.
set -eu
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends fonts-dejavu-core
rm -rf /var/lib/apt/lists/*
groupadd --gid 10001 portal
useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin portal
install -d -o portal -g portal -m 0700 /data /backup
