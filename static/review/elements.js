// DOM helpers shared by the modules of the review screen.

import { remember, remembered } from "../remembered.js";

const DRAWER = "review-drawer";
const NAME = "value:";

export const inputOf = (row) => row.querySelector(".value");
export const pathOf = (row) => inputOf(row).name.slice(NAME.length);
export const isCell = (row) => row.hasAttribute("data-cell");

export function emit(name, detail = {}) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

export function grow(area) {
  // Where CSS can do it, it also follows changes of width.
  if (CSS.supports("field-sizing", "content")) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

// The drawer with the tables

export const drawerState = () => remembered(DRAWER);
export const keepDrawerState = (state) => remember(DRAWER, state);

export function openDrawer(open, { keep = true } = {}) {
  const drawer = document.getElementById("drawer");
  if (!drawer) return;
  drawer.classList.toggle("drawer-closed", !open);
  for (const toggle of drawer.querySelectorAll("[data-drawer=toggle]")) {
    toggle.setAttribute("aria-expanded", String(open));
  }
  if (keep) keepDrawerState({ open });
}
