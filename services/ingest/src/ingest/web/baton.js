/* Baton, in a page: how a visitor came, what he reads, which forms he sends. How it is set and
 * what it keeps: docs/website.md. It must never break or hold up its page: every door to it
 * catches, no submit is stopped.
 *
 * <script async src="https://in.firm.example/baton.js" data-source="pages"></script>
 */
(function (win, doc, nav) {
  "use strict";
  const script = doc.currentScript;
  if (!script || !script.dataset.source || win.baton?.loaded) return;
  const options = script.dataset;
  const address = new URL("v1/sources/" + options.source, script.src).href;
  const DAY = 864e5;
  const MOST_EVENTS = 50, MOST_BYTES = 5e4, EVENT_DAYS = 7, CAME_DAYS = 90, ID_DAYS = 395;
  const CAME = ("utm_source utm_medium utm_campaign utm_term utm_content " +
    "gclid gbraid wbraid dclid fbclid msclkid li_fat_id ttclid").split(" ");
  const PURPOSES = ["contact", "ads_feedback", "profiling"];
  const NEVER = /passw|csrf|token|captcha|viewstate|card.?num|cvc|cvv|iban/i;
  const NO_VALUE = ["password", "file", "submit", "button", "image", "reset"];
  const asksNotTo = nav.globalPrivacyControl || nav.doNotTrack === "1" || win.doNotTrack === "1";

  // ---- what is kept: one key a thing, so that two tabs never write over each other's events
  const memory = {};
  let disk;
  try {
    disk = win.localStorage;
    disk.setItem("baton.try", 1);
    disk.removeItem("baton.try");
  } catch { disk = null; } // blocked or full: it goes on in memory
  const get = (name, days) => {
    try {
      const kept = JSON.parse((disk && disk.getItem("baton." + name)) || memory[name] || "null");
      return kept && Date.now() - kept.at < days * DAY ? kept : null;
    } catch { return null; }
  };
  const put = (name, value) => {
    const text = JSON.stringify({ at: Date.now(), ...value });
    try { disk.setItem("baton." + name, text); } catch { memory[name] = text; }
  };
  const drop = (name) => {
    delete memory[name];
    try { disk.removeItem("baton." + name); } catch { /* it never got there */ }
  };
  const names = () => {
    const found = Object.keys(memory);
    try {
      for (let i = 0; i < disk.length; i++)
        if (disk.key(i).startsWith("baton.")) found.push(disk.key(i).slice(6));
    } catch { /* in memory only */ }
    return found;
  };
  const fresh = () => win.crypto.randomUUID?.() || // only pages of https have it
    Array.from(win.crypto.getRandomValues(new Uint8Array(16)), (b) => (b + 256).toString(16).slice(1)).join("");

  // ---- consent: asking not to be followed goes before whatever was clicked
  const consent = () => {
    const { at, ...said } = get("consent", ID_DAYS) || {};
    return asksNotTo ? { ...said, ads_feedback: "denied" } : said;
  };
  const follows = () => {
    const said = consent().profiling;
    return !asksNotTo && (options.consent === "required" ? said === "granted" : said !== "denied");
  };
  const forget = () => {
    for (const name of names())
      if (/^(id|first|last)$/.test(name) || /page|event/.test(get(name, ID_DAYS)?.type)) drop(name);
  };
  const consented = (said) => {
    const kept = consent();
    for (const each of PURPOSES)
      if (each in said) kept[each] = said[each] === true || said[each] === "granted" ? "granted" : "denied";
    put("consent", kept);
    const who = get("id", ID_DAYS);
    if (who) tell({ type: "consent", anonymous_id: who.id });
    if (follows()) viewed();
    else forget();
  };

  // ---- who and how
  const anonymous = () => {
    if (!follows()) return null;
    const kept = get("id", ID_DAYS) || { id: fresh() };
    put("id", { id: kept.id }); // counts from the last visit
    return kept.id;
  };
  const here = () => location.origin + location.pathname; // a query may hold anything
  const came = () => {
    const told = {}, asked = new URLSearchParams(location.search);
    for (const [name, value] of asked)
      if (CAME.includes(name.toLowerCase()) && value) told[name.toLowerCase()] ??= value.slice(0, 500);
    try {
      const from = new URL(doc.referrer);
      if (from.host !== location.host) told.referrer = from.origin + from.pathname;
    } catch { /* no referrer */ }
    return told;
  };

  // ---- the queue: an event stays until an answer says that it is safe
  const sending = new Set();
  let again, wait = 5e3, most = MOST_EVENTS;
  const tell = (event) => {
    const full = { id: fresh(), at: Date.now(), page: here(), anonymous_id: anonymous(), consent: consent(), ...event };
    if (JSON.stringify(full).length < MOST_BYTES) put("e." + full.id, full);
    flush();
  };
  const waiting = () => {
    const found = names().filter((name) => name.startsWith("e.")).map((name) => {
      const event = get(name, EVENT_DAYS);
      if (!event) drop(name);
      return event;
    }).filter(Boolean).sort((a, b) => a.at - b.at);
    // Of too many the oldest views go first, forms last.
    while (found.length > MOST_EVENTS) {
      const [gone] = found.splice(Math.max(0, found.findIndex((event) => event.type !== "form")), 1);
      drop("e." + gone.id);
    }
    return found;
  };
  const flush = () => {
    clearTimeout(again);
    const events = [];
    let size = 0;
    for (const event of waiting()) {
      if (sending.has(event.id)) continue;
      size += JSON.stringify(event).length;
      if (events.length === most || (events.length && size > MOST_BYTES)) break;
      events.push(event);
    }
    if (!events.length) return;
    const ids = events.map((event) => event.id);
    ids.forEach((id) => sending.add(id));
    const done = (status) => {
      ids.forEach((id) => sending.delete(id));
      const unread = [400, 413, 415, 422].includes(status);
      // What can never be read is given up, that alone; all else waits, here or on the next page.
      if ((status >= 200 && status < 300) || unread) {
        most = unread && ids[1] ? 1 : MOST_EVENTS;
        if (most > 1) ids.forEach((id) => drop("e." + id));
        wait = 5e3;
        flush();
      } else {
        again = setTimeout(flush, wait);
        wait = Math.min(wait * 2, 3e5);
      }
    };
    // text/plain needs no question beforehand; keepalive, for 64 KB, outlives the page.
    const body = JSON.stringify({ sent_at: Date.now(), events });
    fetch(address, {
      method: "POST", credentials: "omit", body, keepalive: new Blob([body]).size < 6e4,
      headers: { "content-type": "text/plain" },
    }).then((answer) => done(answer.status), () => done(0));
  };

  // ---- pages
  let seen, since = Date.now();
  const viewed = () => {
    const spot = location.href.split("#")[0];
    if (!follows() || seen === spot) return;
    const from = seen ? {} : came();
    seen = spot;
    since = Date.now();
    if (Object.keys(from).length) {
      const kept = { ...from, page: here() };
      if (!get("first", CAME_DAYS)) put("first", kept);
      put("last", kept);
    }
    tell({ type: "page", from });
  };

  // ---- forms
  const fieldsOf = (form) => {
    const found = [];
    for (const field of form.elements) {
      const { name, type, value } = field;
      if (!name || !value || NO_VALUE.includes(type) || NEVER.test(name) || field.matches(":disabled")) continue;
      if (field.closest("[data-baton-ignore]") || /(^|\s)cc-/.test(field.autocomplete || "")) continue;
      if (/checkbox|radio/.test(type) && !field.checked) continue;
      if (type === "select-multiple") for (const each of field.selectedOptions) found.push([name, each.value]);
      else found.push([name, value]);
    }
    return found;
  };
  const isOurs = (form) => {
    const fields = [...form.elements];
    if (options.forms) return form.matches(options.forms);
    return fields.some((field) => field.type === "email" || /e-?mail/i.test(field.name + field.autocomplete)) &&
      !fields.some((field) => field.type === "password");
  };
  const cameBy = (name) => {
    const kept = follows() && get(name, CAME_DAYS);
    return kept ? { ...kept, at: new Date(kept.at).toISOString() } : {};
  };
  const submitted = (form) => {
    if (!isOurs(form)) return;
    const took = Date.now() - since, last = cameBy("last");
    const goes = new URL(form.getAttribute("action") || "", location.href).href;
    // A form that goes to Baton by itself takes along what only this script knows.
    if (goes.startsWith(new URL("v1/sources/", script.src).href)) {
      const more = { ...last, _baton_took: took, _baton_anonymous_id: anonymous() };
      for (const name of [...CAME, "_baton_took", "_baton_anonymous_id"]) {
        if (more[name] == null || form.elements[name]) continue;
        const field = form.appendChild(doc.createElement("input"));
        Object.assign(field, { type: "hidden", name, value: more[name] });
      }
      return;
    }
    const called = form.dataset.baton || form.getAttribute("id") || form.getAttribute("name") || undefined;
    const fields = fieldsOf(form);
    if (fields.length) tell({ type: "form", form: called, fields, took, first: cameBy("first"), last });
  };

  const safely = (act) => (...given) => { try { act(...given); } catch { /* never the page's trouble */ } };
  const calls = {
    consent: consented,
    track: (name) => follows() && tell({ type: "event", name: String(name) }),
    form: submitted,
  };
  const early = win.baton?.q || [];
  win.baton = safely((what, given) => calls[what]?.(given));
  win.baton.loaded = true;
  early.forEach((call) => win.baton(...call));

  doc.addEventListener("submit", safely((event) => submitted(event.target)), { capture: true, passive: true });
  win.addEventListener("online", safely(flush));
  win.addEventListener("popstate", safely(viewed));
  win.addEventListener("pageshow", safely((event) => { if (event.persisted) { seen = null; viewed(); } }));
  const push = win.history.pushState;
  win.history.pushState = function (...given) {
    push.apply(this, given);
    safely(viewed)();
  };
  const begin = safely(() => { if (!follows()) forget(); viewed(); flush(); });
  if (doc.prerendering) doc.addEventListener("prerenderingchange", begin, { once: true });
  else begin();
})(window, document, navigator);
