/* The outcross recorder: how a text came into an answer field, and nothing else on the page. FORMAT.md has its log.
     <p data-outcross-source>…</p>  <label data-outcross-consent><input type="checkbox"> I agree …</label>
     <textarea name="summary" data-outcross></textarea>
     <script src="recorder.js" data-study="bees" data-salt="long and secret" data-worker="?workerId" defer></script>
   Lengths and positions only; texts and names of keys if data-text="on", data-keys="on"; nothing before consent. */
(() => {
  "use strict";
  const DEFAULTS = { study: "", response: "", worker: "", salt: "", consent: "ask", text: "off", keys: "off",
    keep: "on", input: "outcross_log" };
  const COLUMNS = ["field", "t", "kind", "position", "inserted", "deleted", "text", "share", "digest"];
  const KINDS = { Composition: "compose", Paste: "paste", Yank: "paste", Drop: "drop", Replacement: "replace",
    delete: "delete", Undo: "undo", Redo: "redo" };
  const WHOLE = ["paste", "drop", "insert", "replace", "autofill", "initial"]; // their overlap with the source is told
  const RUN = 20; // characters that must stand together in the source to count as taken from it
  const tag = document.currentScript?.dataset ?? {};
  let settings, log, fields = [], source = null, own = "", pressed = false, listening = new AbortController();

  const chars = (text) => Array.from(text.replace(/\r\n?/g, "\n")); // code points: an emoji is one, as in Python
  const read = (box) => chars("value" in box ? box.value : box.innerText.replace(/\u00a0/g, " "));
  const folded = (text) => text.toLowerCase().replace(/\s+/g, " ").trim();
  const runs = (text, size) => Array.from({ length: text.length - size + 1 }, (_, at) => text.slice(at, at + size));
  const clock = () => Math.round(performance.timeOrigin + performance.now()); // never jumps, as Date.now() may
  const since = () => clock() - Date.parse(log.started);
  const given = (words) => words[0] === "?" ? new URLSearchParams(location.search).get(words.slice(1)) ?? "" : words;
  const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const bytes = (text) => new TextEncoder().encode(settings.salt + text);
  const digest = (text, then) => crypto.subtle.digest("SHA-256", bytes(text)).then((found) => then(hex(found)));

  // The share of the characters that lie in a run which the source has too.
  function share(text) {
    const found = folded(text), size = Math.min(RUN, found.length);
    if (source === null || !size) return null;
    const known = size < RUN ? { has: (run) => source.includes(run) } : new Set(runs(source, RUN));
    let taken = 0, end = 0; // how many so far, and where the last of them ends
    runs(found, size).forEach((run, at) => {
      if (known.has(run)) [taken, end] = [taken + at + size - Math.max(at, end), at + size];
    });
    return Math.round(1000 * taken / found.length) / 1000;
  }

  // What is selected, counted in characters; null where the field does not tell (contenteditable, some inputs).
  function selection({ selectionStart, selectionEnd, value }) {
    const count = (end) => chars(value.slice(0, end)).length;
    return selectionStart == null ? null : [count(selectionStart), count(selectionEnd)];
  }

  // The edit between two texts: of what was selected if that explains it, else the shortest, up to the caret.
  function edit(before, after, selected, caret) {
    const [from, to] = selected ?? [0, 0], grown = after.length - before.length, size = grown + to - from;
    const same = (at, shift) => before[at] === after[at + shift];
    if (selected && size >= 0 && before.every((_, at) => at < from ? same(at, 0) : at < to || same(at, grown))) {
      return { position: from, deleted: to - from, put: after.slice(from, from + size) };
    }
    const least = Math.min(before.length, after.length), beyond = after.length - (caret ?? after.length);
    let head = 0, tail = 0;
    while (tail < Math.min(least, beyond) && same(before.length - 1 - tail, grown)) tail++;
    while (head + tail < least && same(head, 0)) head++;
    while (head + tail < least && same(before.length - 1 - tail, grown)) tail++;
    return { position: head, deleted: before.length - head - tail, put: after.slice(head, after.length - tail) };
  }

  function note(field, kind, { position = 0, deleted = 0, put = [] } = {}, key = null) {
    const words = put.join(""), t = Math.max(log.events.at(-1)?.[1] ?? 0, since());
    const row = [field, t, kind, position, put.length, deleted, words && log.settings.text ? words : key, null, null];
    if (WHOLE.includes(kind)) row[7] = share(words);
    if (/paste|drop/.test(kind) && words && settings.salt && crypto.subtle) digest(words, (code) => { row[8] = code; });
    log.events.push(row);
  }

  // Whatever a field holds that it did not hold before becomes a row.
  function update(field, kindOf, selected = null) {
    const after = read(field.box), found = edit(field.text, after, selected, selection(field.box)?.[1]);
    field.text = after;
    if (!found.put.length && !found.deleted) return;
    note(field.name, kindOf(found.put), found);
    log.submitted = null; // whoever goes on writing has not handed in
  }

  function kind(event, put) {
    const how = event.isTrusted && event.inputType;
    if (!how) return "autofill"; // a form filler, an extension or a script: no edit made at the field
    const known = KINDS[Object.keys(KINDS).find((part) => how.includes(part))];
    if (/paste|drop/.test(known) && put.join("") === own) return "move"; // it was cut, copied or dragged in a field
    if (known || event.isComposing) return known ?? "compose";
    const one = put.length <= 1 || /Paragraph|LineBreak/.test(how);
    return one && pressed ? "type" : "insert"; // swiping, dictation and programs put in words, or press no key
  }

  function watch(field) {
    const { box, name } = field, at = () => ({ position: selection(box)?.[0] ?? 0 }), { signal } = listening;
    const on = (events, act) => events.split(" ").forEach((one) => box.addEventListener(one, act, { signal }));
    let selected = null;
    on("beforeinput", () => { update(field, () => "autofill"); selected = selection(box); });
    on("input", (event) => { update(field, (put) => kind(event, put), selected); selected = null; pressed = false; });
    on("keydown", (event) => { pressed = true; if (log.settings.keys) note(name, "key", at(), event.key); });
    on("focus blur", (event) => note(name, event.type, at()));
    on("copy cut dragstart", () => {
      own = "value" in box ? box.value.slice(box.selectionStart, box.selectionEnd) : String(getSelection());
    });
  }

  // Recording begins, or goes on after a reload with what the fields held, which browsers may lose.
  function begin() {
    for (const field of fields) {
      const held = log.final[field.name] ?? "";
      if (held && !read(field.box).length) field.box["value" in field.box ? "value" : "innerText"] = held;
      field.text = chars(held);
      update(field, () => "initial");
      watch(field);
    }
    const seen = () => note("", document.visibilityState);
    document.addEventListener("visibilitychange", seen, { signal: listening.signal });
  }

  function stop() {
    listening.abort();
    listening = new AbortController();
  }

  function consent(given = true, how = "call") {
    if (given === log.consent.given) return;
    stop();
    Object.assign(log, { events: [], final: {} }); // whoever withdraws is forgotten
    Object.assign(log.consent, { given, t: given ? since() : null, how: given ? how : null });
    if (given) begin();
  }

  function look() {
    for (const field of log.consent.given ? fields : []) {
      update(field, () => "autofill"); // what a script put in last
      log.final[field.name] = field.text.join("");
    }
    return structuredClone(log);
  }

  function finish() {
    look();
    log.submitted = since();
    return look();
  }

  // What is kept over a reload, in this tab only; a page in a frame may have no storage.
  function kept(value) {
    if (settings.keep !== "on") return null;
    const which = [settings.study, given(settings.response), ...fields.map((field) => field.name)];
    const name = ["outcross", location.href.split("#")[0], ...which].join(" ");
    try {
      if (value) sessionStorage.setItem(name, JSON.stringify(value));
      const found = JSON.parse(sessionStorage.getItem(name));
      return found?.submitted === null ? found : null; // what was handed in is over
    } catch { return null; }
  }

  function start(options = {}) {
    stop();
    settings = { ...DEFAULTS, ...tag, ...options };
    fields = [...document.querySelectorAll("[data-outcross]")].map((box, place) =>
      ({ box, name: box.dataset.outcross || box.name || box.id || `field ${place + 1}`, text: [] }));
    const asked = document.querySelector("[data-outcross-consent]"), tick = asked?.querySelector("[type=checkbox]");
    if (!fields.length) throw new Error("outcross: no field of this page is marked data-outcross");
    if (settings.consent === "ask" && !tick) throw new Error("outcross: data-outcross-consent marks no box to tick");
    const sources = [...document.querySelectorAll("[data-outcross-source]")], worker = given(settings.worker);
    source = sources.length ? folded(sources.map((one) => one.innerText).join(" ")) : null;
    const random = () => hex(crypto.getRandomValues(new Uint8Array(16))), old = kept();
    const why = !worker ? "not given" : !settings.salt ? "no salt" : !crypto.subtle ? "no crypto" : "pending";
    log = old ?? {
      format: "outcross-recorder", version: 1, response: given(settings.response) || random(), study: settings.study,
      worker: null, worker_is: why, started: new Date(clock()).toISOString(), submitted: null,
      consent: { given: false, t: null, how: null, text: asked?.innerText.trim() ?? "" },
      settings: Object.fromEntries(["text", "keys", "keep"].map((name) => [name, settings[name] === "on"])),
      fields: fields.map((field) => field.name), source: source?.length ?? null, final: {},
      columns: COLUMNS, events: [],
    };
    if (why === "pending") digest(worker, (code) => Object.assign(log, { worker: code, worker_is: "sha256" }));
    if (tick) tick.checked = log.consent.given; // a box that is ticked beforehand is no consent
    if (settings.consent === "ask") tick.onchange = () => consent(tick.checked, "box");
    if (!log.consent.given) return settings.consent === "earlier" && consent(true, "earlier");
    note("", "reload");
    begin();
  }

  // Handing in: the log goes with the form, in a hidden input.
  document.addEventListener("submit", ({ target: form }) => {
    if (!fields.some(({ box }) => form.contains(box) || box.form === form)) return;
    const { input: name } = settings, old = form.querySelector(`input[name="${name}"]`);
    const hidden = old ?? form.appendChild(document.createElement("input"));
    Object.assign(hidden, { type: "hidden", name, value: JSON.stringify(finish()) });
  }, true);
  addEventListener("pagehide", () => { if (fields.length) kept(look()); });
  const ready = () => { if (document.querySelector("[data-outcross]")) start(); }; // else outcross.start() is called
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", ready) : ready();
  window.outcross = { start, consent: (given = true) => consent(given), log: look, finish };
})();
