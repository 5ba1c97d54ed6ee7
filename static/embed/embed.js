/* Signpost embed. docs/embed.md says how to use it and what it promises: no dependency, no cookie, no innerHTML, no
   inline style. It is sent without its comments, idle spaces and long names (documents/shorten.py) and must stay within
   4.5 kB of gzip. */
(() => {
  const script = document.currentScript, TAG = 'signpost-section', RANK = { ok: 0, approaching: 1, degraded: 2, down: 3 };
  if (!script || customElements.get(TAG)) return;
  const { src, auto } = script.dataset, [, shown, look] = /[?&]signpost-preview=(\w+):(\w+)/.exec(location) || [];
  const source = new URL(look ? `preview/${look}.json` : '', new URL(src || 'v1/status.json', script.src)), keep = 'signpost:' + source;
  const q = f => { try { return f(); } catch {} }, ms = x => q(() => Date.parse(x)), clock = () => Date.now() + ahead;

  /* One store for the page. Lists are walked with for…of and never pushed: host pages patch Array.prototype. */
  const views = new Set(), told = {};
  let data = { list: [] }, ahead = 0, at, due = 0, fails = 0, loaded, edge, poll, up;

  const take = (x, t) => {
    const d = JSON.parse(x), l = [];
    /* Of a preview it is told of which section. */
    if (look && !d.named[shown]) console.warn(shown + '?');
    /* What is no document of ours throws: false cannot be walked. */
    for (const s of d.v === 1 && d.strings && d.page && d.sections) if (RANK[s?.state] && s.title) l[l.length] = { ...s, ...d.named?.[shown] };
    d.list = l;
    data = d;
    at = t;
  };
  const load = async () => {
    due = performance.now() + 1e4;
    try {
      const r = await fetch(source, { credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-cache', signal: AbortSignal.timeout(8e3) });
      /* By the host's clock, which has whole seconds, if the reader's is more than one off. */
      const h = r.headers, off = ms(h.get('Date')) + 500 + 1e3 * h.get('Age') - clock(), x = r.ok && await r.text();
      if (off * off > 1e6) ahead += off;
      take(x, clock());
      fails = 0;
      q(() => localStorage[keep] = at + x);
    } catch { fails++; }
    due = performance.now() + Math.max(15, Math.min(data.ttl, 9e4) | 0) * Math.min(2 ** fails, 10) * (900 + 200 * Math.random());
    emit();
    loaded = 1;
  };
  /* `due` is by a clock that nobody can set. */
  const plan = () => {
    const rest = due - performance.now();
    clearTimeout(poll);
    if (!document.hidden && views.size) rest > 0 ? poll = setTimeout(plan, rest) : load();
  };
  /* Everybody looks again, now and at the next edge of any section: the clock moves them, not the network. */
  const emit = () => {
    const now = clock();
    let next = now + 2e9;
    for (const s of data.list) for (const t of [ms(s.warn_from), ms(s.from), ms(s.until), at + 9e5]) if (t > now && t < next) next = t;
    clearTimeout(edge);
    edge = setTimeout(emit, next - now);
    for (const v of views) q(v);
    plan();
  };
  const watch = v => {
    if (!at) {
      q(() => {
        const x = localStorage[keep], t = parseInt(x);
        if (clock() - t < 36e5) take(x.slice(13), t);
      });
      q(() => take(window['signpost-data'].textContent, clock()));
      emit();
    }
    views.add(v);
    q(v);
    plan();
  };
  document.addEventListener('visibilitychange', emit);
  addEventListener('online', () => { due = 0; emit(); });

  /* How a section stands, or without a key the worst of all, with its words filled in. */
  const status = (key, except, l) => {
    const now = clock(), bad = new Set(), links = [], { list, page } = data;
    let b = { state: 'ok', key, rank: 0 };
    for (const s of list) {
      const late = now >= ms(s.until), state = now < ms(s.from) ? now >= ms(s.warn_from) ? 'approaching' : 'ok' : late && (s.at_end !== 'hold' || now >= at + 9e5) ? 'ok' : s.state, rank = RANK[state];
      if (!rank || (key ? s.key !== key : s.part_of || ` ${except} `.includes(` ${s.key} `))) continue;
      bad.add(s.key);
      if (rank > b.rank || rank === b.rank && rank > 1 && s.key === b.key && s.from > b.from) b = { ...s, state, rank, late };
    }
    if (b.rank) {
      /* In the page's language, if the host knows it: `lang` is then that of its words, `typed` that of the staff's. */
      l = (l || document.documentElement.lang).toLowerCase();
      const local = o => ({ ...o, ...o.languages?.[l] || o.languages?.[/[a-z]*/.exec(l)[0]] }), strings = local(data.strings), tag = x => !x || l.startsWith(x) ? l : x;
      const { late, rank, from, until, next } = b = local(b), n = bad.size - 1;
      b.lang = tag(strings.lang);
      b.typed = tag(data.strings.lang);
      b.hide = strings.hide;
      if (navigator.language.startsWith(l)) l = navigator.language;
      /* "18:00", "Sunday 04:00", "2 December 04:00" by distance, without the day when it is that of `b`. Never midnight. */
      const when = (t, end, b = now) => {
        const d = new Date(t);
        d.getHours() || d.getMinutes() || d.setMinutes(end ? -1 : 1);
        const away = d - now, o = { hour: 'numeric', minute: 'numeric', ...d.toDateString() !== new Date(b).toDateString() && (away > 0 && away < 5e8 ? { weekday: 'long' } : { day: 'numeric', month: 'long' }) };
        return t ? q(() => d.toLocaleString(l, o)) || d.toLocaleString([], o) : '';
      };
      const words = b.words = { __proto__: null, section: b.name, n, from: when(from), until: when(until, 1, rank < 2 ? from : now), next: when(next, 1) };
      const say = x => ('' + (x || '')).replace(/{(\w+)}/g, (all, k) => words[k] ?? all);
      const link = a => q(() => {
        const { href } = new URL(a.href, source);
        if (/^(https?|tel|mailto):/.test(href)) links[links.length] = { href, label: say(strings[a.as] || a.label) };
      });
      for (const a of b.links || []) link(a);
      if (!key && n) link({ href: page.url, label: n > 1 ? strings.others : strings.other });
      b.links = links;
      b.back = say(strings.restored);
      b.title = say(late ? b.title_late : rank < 2 ? b.title_soon : b.title);
      b.message = say(late && b.message_late || b.message);
      b.alternative = say(b.alternative);
      b.dismissible &&= rank < 3;
    }
    return b;
  };
  const subscribe = (key, f) => {
    let last;
    const v = () => { const s = status(key), x = JSON.stringify(s); if (x !== last) last = x, queueMicrotask(() => f(s)); };
    watch(v);
    return () => views.delete(v);
  };

  /* What it looks like. Elements are built, never parsed, so that pages with Trusted Types take them. A colour has six
     digits for a light page and six for a dark one; browsers that cannot tell get the light one. */
  const ICON = {
    down: 'M8 2h8l6 6v8l-6 6H8l-6-6V8zM9 9l6 6m0-6-6 6',
    degraded: 'M12 2 23 21H1zM12 9v5m0 4v.1',
    approaching: 'M12 2a10 10 0 1 0 .1 0zM12 7v5l4 2',
    restored: 'M12 2a10 10 0 1 0 .1 0zM7 12l4 4 6-7'
  };
  const sheet = q(() => new CSSStyleSheet());
  sheet?.replaceSync(`:host(:not([hidden])){display:block}div{flex:1}:host([slim]){--p:.5em .75em}:host([slim]) :is(.title,p){display:inline;font-size:1em;margin-inline-end:1em}:host([slim]) :is(.message,a:not(:last-child)){display:none}
.banner{all:initial;visibility:inherit;color-scheme:inherit;box-sizing:border-box;display:flex;gap:.75em;padding:var(--p,1em);margin-block:var(--signpost-margin,0 1em);border:1px solid #8886;border-inline-start:6px solid var(--a);border-radius:var(--signpost-radius,8px);background:var(--t);color:var(--signpost-text,#15202be7edf3);font-size:max(1rem,16px);line-height:1.5;font-family:var(--signpost-font,inherit);overflow-wrap:anywhere}
.down{--a:var(--signpost-down,#8c0f2aec5673);--t:var(--signpost-down-bg,#fde7ea40161f)}
.degraded{--a:var(--signpost-degraded,#b98000f2cf3f);--t:var(--signpost-degraded-bg,#fff3d1332a08)}
.approaching{--a:var(--signpost-approaching,#2459c96494f0);--t:var(--signpost-approaching-bg,#e6eefc14294b)}
.restored{--a:var(--signpost-restored,#1b8a6862d9b8);--t:var(--signpost-restored-bg,#e2f4ee0f3029)}
:host([theme=light]) .banner{color-scheme:light}:host([theme=dark]) .banner{color-scheme:dark}
.o{position:fixed;z-index:9999999999;inset:auto .5em .5em;margin:0;max-height:50vh;overflow:auto;box-shadow:0 0 2em #0006}
svg{height:1.6em;fill:var(--a);stroke:var(--t);stroke-width:2.4;stroke-linecap:round}.title{margin:0;font-size:1.2em;font-weight:650;line-height:1.3}
p{margin:.4em 0 0;max-width:68ch;width:fit-content;white-space:pre-line}a{display:inline-block;margin-inline-end:1em;color:var(--signpost-link,#1a4d8f8fbcff);font-weight:600}
button{all:unset;padding:.35em .65em;margin:-.4em;height:1.2em;font-size:1.5em;line-height:1.2;cursor:pointer}.banner:not(.o,.x) button{display:none}
:focus-visible{outline:3px solid;outline-offset:2px}.live{position:fixed;height:1px;width:1px;opacity:0;overflow:hidden}
@media print{.o{position:static}button{display:none}}@media(forced-colors){svg{fill:CanvasText;stroke:Canvas}}`.replace(/(#\w{6})(\w{6})/g, CSS.supports('color:light-dark(#000,#000)') ? 'light-dark($1,#$2)' : '$1'));
  const make = (tag, name = '', x = '') => { const e = document.createElement(tag); e.part = e.className = name; e.textContent = x; return e; };
  const draw = (tag, name, x) => { const e = document.createElementNS('http://www.w3.org/2000/svg', tag); e.setAttribute(name, x); return e; };
  const settle = () => { up?.classList.remove('o'); up = null; };
  addEventListener('keydown', e => { if (e.key === 'Tab') settle(); });

  const mount = el => {
    const root = el.attachShadow({ mode: 'open' }), live = make('div', 'live'), w = make('div'), slot = make('slot'), theirs = make('slot'), part = el.localName === TAG, attr = x => el.getAttribute(x) || '';
    let box, sig, last = { state: 'ok' }, back, show, y;
    if (part && !attr('section')) console.warn(el);
    if (sheet) root.adoptedStyleSheets = [sheet];
    live.role = 'status';
    w.tabIndex = -1;
    w.append(theirs);
    root.append(live, w, slot);

    const banner = s => {
      const t = make('h' + (attr('heading-level') || 2), 'title', s.title), body = make('div'), p = make('p'), x = make('button', 'close', '\xd7'), i = draw('svg', 'viewBox', '0 0 24 24'), id = keep + s.rev + s.state;
      if (told[id] ||= q(() => sessionStorage[id])) return;
      const b = make(part ? 'div' : 'section', 'banner ' + s.state + (s.dismissible ? ' x' : ''));
      b.lang = s.lang;
      if (!part) b.ariaLabel = s.title;
      i.ariaHidden = true;
      i.append(draw('path', 'd', ICON[s.state]));
      t.tabIndex = -1;
      body.append(t);
      for (const m of [s.message, s.alternative]) if (m) { const p = make('p', 'message', m); body.append(p); p.lang = s.typed; p.dir = 'auto'; }
      for (const l of s.links) { const a = make('a', 'link', l.label); a.href = l.href; p.append(a); body.append(p); }
      x.ariaLabel = s.hide + ': ' + s.title;
      x.onclick = () => {
        settle();
        if (!s.dismissible) return t.focus({ preventScroll: 1 });
        told[id] = 1;
        q(() => sessionStorage[id] = 1);
        sig = 0;
        emit();
      };
      b.append(i, body, x);
      return b;
    };
    /* The page's own markup for a state stands in the slot of its name, and our notice in none. Of its data-signpost
       all is said or nothing. */
    const fill = () => {
      for (const e of theirs.assignedElements()) {
        e.hidden = 0;
        for (const t of e.querySelectorAll('[data-signpost]')) {
          let all = 1;
          const x = t.dataset.signpost.replace(/{(\w+)}/g, (_, k) => show.words[k] || show[k] || (all = ''));
          if (t.textContent !== (all &&= x)) t.textContent = all;
        }
      }
      return theirs.assignedElements()[0];
    };
    theirs.name = TAG;
    theirs.onslotchange = fill;
    const v = other => {
      const key = attr('section'), s = part && !key ? last : status(part ? key : '', attr('except'), el.closest('[lang]')?.lang), now = clock(), was = last, { state } = s, down = part && state === 'down' && attr('on-down') !== 'above';
      last = s;
      /* Of another section it is not told that this one is back. */
      back = other || s.rank ? 0 : was.rank > 1 && now < at + 9e5 ? { ...was, state: 'restored', title: was.back, message: '', alternative: '', links: [], dismissible: 1, over: now + 6e5 } : back;
      show = s.rank ? s : back?.over > now && back;
      const x = JSON.stringify(show);
      /* A page that is morphed gets its own markup as its server wrote it. */
      if (x === sig) return fill();

      const f = root.activeElement, a = el.getRootNode().activeElement, p = sig || window.LayoutShift && document.timeline.currentTime, h = el.offsetHeight;
      if (up === box) up = null;
      sig = x;
      box = show && banner(show);
      theirs.name = box ? show.state : TAG;
      theirs.replaceChildren(box || '');
      slot.hidden = down;
      const mine = fill(), m = f || el.contains(a) && !a.getClientRects()[0];
      if (m && !f && down) y = a;
      /* What is below does not jump: a section that is replaced keeps its room, a late banner that would push too far floats until touched. */
      if (!down) w.style.minHeight = '';
      const g = el.offsetHeight - h;
      if (p && down && g < 0) w.style.minHeight = w.offsetHeight - g + 'px';
      const top = el.getBoundingClientRect().top;
      if (p && !down && !up && !mine && attr('on-late') !== 'push' && g * Math.min(innerHeight - top, 2 * (document.body.offsetHeight - g - top)) / innerHeight / Math.max(innerWidth, innerHeight) > .09) (up = box)?.classList.add('o');
      /* Focus moves only when what held it went away. */
      if (m) (!down && y?.getClientRects()[0] ? y : box && !mine && root.querySelector('.title') || w).focus({ preventScroll: !box });
      if (!down) y = null;

      const k = s.key || was.key, id = state + s.until + s.late;
      if (told[k] !== id && loaded && box && (!m || mine)) live.textContent = show.title;
      told[k] = id;
      el.setAttribute('state', state);
      if (was.state !== state) el.dispatchEvent(new CustomEvent('signpostchange', { bubbles: 1, detail: s }));
    };
    return v;
  };

  /* data-auto. Where a website turns its pages by replacing the body or what is in it, the banner comes back; so does a
     copy of it in a page that was kept. Its part, which `make` gives it, tells it from the page's own. */
  const own = make('signpost-banner'), cover = () => {
    if (auto != null) document.body ? document.querySelector('signpost-banner[part]') || document.body.prepend(own) : setTimeout(cover);
  };
  q(() => own.setAttribute(auto, ''));
  class Banner extends HTMLElement {
    static observedAttributes = ['section', 'except'];
    connectedCallback() { watch(this.v ||= mount(this)); }
    disconnectedCallback() { views.delete(this.v); setTimeout(cover); }
    attributeChangedCallback() { q(() => this.v(1)); }
  }
  customElements.define('signpost-banner', Banner);
  customElements.define(TAG, class extends Banner {});
  window.StatusEmbed = { get: status, subscribe };
  cover();
})();
