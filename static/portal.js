// Loaded on every page. All of it is enhancement: pages work with plain links and forms.
import "./kept.js";
import "./live.js";
import "./surfaces.js";
import "./menus.js";
import "./theme.js";
import "./ticking.js";
import "./timezone.js";
