// Keyboard shortcuts, as the dialog #shortcuts lists them. Not loaded when Display settings turn them off (WCAG 2.1.4);
// never in a field or a dialog, never with Ctrl, Alt or Meta. Rows are `[data-rows]>tr`, each with a `[data-row-link]`.
(() => {
  'use strict'
  const $ = (selector, root = document) => root.querySelector(selector)
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)]
  let prefix = ''
  const mark = (tr) => {
    for (const other of $$('[data-rows]>tr[data-cursor]')) delete other.dataset.cursor
    tr.dataset.cursor = ''
  }
  const move = (by) => {
    const rows = $$('[data-rows]>tr'), at = rows.findIndex((tr) => 'cursor' in tr.dataset)
    const to = rows[Math.max(0, Math.min(rows.length - 1, at + by))]
    if (to) { mark(to); $('[data-row-link]', to)?.focus() }
  }
  const keys = {
    '/': () => $('[aria-keyshortcuts="/"]')?.focus(),
    j: () => move(1),
    k: () => move(-1),
    n: () => $('[data-key=n]')?.click(),
    r: () => ($('#reply-text') ? $('#reply-text').focus() : $('[data-key=r]')?.click()),
    u: () => $('.crumbs a')?.click(),
    g: () => { prefix = 'g' },
    '?': () => $('#shortcuts')?.showModal(),
  }
  const FIELDS = 'input:not([type=radio],[type=checkbox]),textarea,select,[contenteditable],dialog'
  document.addEventListener('focusin', (e) => { const tr = e.target.closest?.('[data-rows]>tr'); if (tr) mark(tr) })
  document.addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.altKey || e.metaKey || e.target.closest(FIELDS)) return
    const go = prefix === 'g' && /^[a-z]$/.test(e.key)
    prefix = ''
    if (go) $(`[data-go=${e.key}]`)?.click()
    else if (keys[e.key]) { e.preventDefault(); keys[e.key]() }
  })
})()
