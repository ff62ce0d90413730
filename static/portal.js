// What every page does in the browser. All of it is comfort: without it the same pages work by plain links and forms.
import "./menus.js";
import "./theme.js";
import "./ticking.js";
import "./timezone.js";
