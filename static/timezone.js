// Sets the cookie with the browser's time zone (see portal/middleware.py), used from the next page on.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.split("; ").includes(`timezone=${zone}`)) {
  const root = new URL("..", import.meta.url).pathname;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `timezone=${zone}; path=${root}; max-age=31536000; samesite=lax${secure}`;
}
