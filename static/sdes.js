// SDES behaviour. Plain script, no build step, safe under script-src 'self'. Everything here is an enhancement: every
// form and link works without it. Markup asks for it by data attributes; htmx's event names appear only here.
(() => {
  'use strict'
  const on = (names, act) => { for (const name of names.split(' ')) document.addEventListener(name, act) }
  const $ = (selector, root = document) => root.querySelector(selector)
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)]
  const within = (root, selector) => root.matches?.(selector) ? root : $(selector, root)
  const make = (tag, props = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), props)
    element.append(...children)
    return element
  }
  const set = document.body.dataset
  const isPoll = (event) => Boolean(event?.type?.startsWith('sdes:'))

  // --- what is said: #announce for swapped content, #toasts (live too) for everything else
  const say = (text) => {
    $('#announce')?.replaceChildren()
    requestAnimationFrame(() => $('#announce')?.replaceChildren(text))
  }
  const toast = (text, { href, isNews = false } = {}) => { // one of news at a time, and one of everything else
    const button = make('button', { textContent: '×', ariaLabel: 'Dismiss' })
    button.dataset.dismiss = ''
    const words = make('div', {}, text, ...href ? [' ', make('a', { href, className: 'nowrap', textContent: 'Open' })] : [])
    for (const it of $$('#toasts .toast')) if (it.matches('[data-news]') === isNews) it.remove()
    const made = make('div', { className: 'toast' }, words, button)
    if (isNews) made.dataset.news = ''
    $('#toasts')?.append(made)
  }
  on('sdes:toast', (e) => toast(e.detail.value)) // the server's HX-Trigger: {"sdes:toast": "Sent"}
  on('click', (e) => e.target.closest?.('[data-dismiss]')?.closest('.toast').remove())

  // --- news, of which a poll of the bell told (HX-Trigger: sdes:news): said, counted beside a list and in the title
  const retitle = () => {
    const unread = $('#bell')?.dataset.unread, bare = document.title.replace(/^\(\d+\+?\) /, '')
    document.title = unread && !bare.startsWith('Error: ') ? `(${unread}) ${bare}` : bare
  }
  retitle()
  let came = 0
  on('sdes:news', ({ detail }) => {
    toast(detail.text, { href: detail.href, isNews: true })
    came += detail.count
    const line = $('[data-came]')
    if (!line) return
    line.hidden = false
    $('b', line).textContent = `${came} new`
  })

  // --- requests: empty choices stay out of the URL; polls say that they are polls; failures are told in words
  on('htmx:configRequest', ({ detail }) => {
    if (isPoll(detail.triggeringEvent)) detail.headers['SDES-Poll'] = '1'
    if (detail.verb !== 'get') return
    for (const [key, value] of [...detail.formData.entries()]) if (value === '') detail.formData.delete(key)
  })
  on('htmx:responseError', ({ target, detail }) => {
    const status = detail.xhr.status, poll = isPoll(detail.requestConfig.triggeringEvent)
    if (status === 401) return ended(!poll && Boolean(target.closest('form, [data-draft]')))
    if (poll) return
    if (target.matches('[data-draft]')) return toast('Your draft could not be saved. Keep this page open.')
    const page = new DOMParser().parseFromString(detail.xhr.responseText, 'text/html')
    toast($('[data-told]', page)?.textContent || {
      403: 'You do not have access to do that. Nothing was saved.',
      404: 'That no longer exists. Reload the page to see the latest.',
      409: 'This was changed while you were looking at it. Nothing was saved. Reload the page to see the latest.',
      413: 'Those files are too large to send. Nothing was saved.',
      429: 'That was asked too often. Nothing was saved. Wait a minute and try again.',
    }[status] || 'The service could not do that. Nothing was saved. Try again.',
    { href: $('a[data-way]', page)?.getAttribute('href') })
  })
  on('htmx:sendError htmx:timeout', ({ detail }) => {
    if (isPoll(detail.requestConfig.triggeringEvent)) return
    toast(`No connection to the service. ${detail.elt.matches('[data-upload]')
      ? 'It is not known whether it was sent. Sending again is safe: it goes out once.' : 'Nothing was saved. Try again.'}`)
  })

  // --- after a swap: focus, announcement, title
  const strip = (root) => { for (const it of $$('form .nojs-only button', root)) it.remove() } // else Enter presses it
  strip(document)
  $('.errors[data-focus]')?.focus()
  on('htmx:afterSettle', ({ detail }) => {
    strip(detail.elt)
    const caller = detail.requestConfig?.elt
    const focus = within(detail.elt, '[data-focus]') || document.getElementById(caller?.dataset.thenFocus)
    focus?.focus()
    if (focus?.matches('.errors') && !document.title.startsWith('Error: ')) document.title = `Error: ${document.title}`
    if (detail.elt.dataset?.announce) say(detail.elt.dataset.announce)
    if (detail.elt.id === 'bell') { retitle(); document.body.dispatchEvent(new CustomEvent('sdes:bell')) }
    if (!isPoll(detail.requestConfig?.triggeringEvent)) quick = QUICK_TURNS
  })

  // --- drafts: leaving is questioned only while something typed or chosen is not on the server
  let leaving = false
  const leave = (ms) => { leaving = true; if (ms) setTimeout(() => { leaving = false }, ms) }
  on('input htmx:responseError htmx:sendError htmx:timeout htmx:sendAbort', ({ target }) => {
    target.closest?.('[data-draft]')?.setAttribute('data-dirty', '')
  })
  on('htmx:beforeRequest', ({ target }) => { if (target.matches('[data-draft]')) delete target.dataset.dirty })
  on('htmx:beforeOnLoad', ({ detail }) => { if (detail.xhr.getResponseHeader('HX-Redirect')) leave() })
  on('submit', (e) => { if (!e.defaultPrevented) leave() })
  on('click', (e) => { if (e.target.closest?.('a[data-download]')) leave(1000) })
  const unsaved = () => $$('[data-draft]').some((d) => 'dirty' in d.dataset || $('input[type=file]', d)?.files.length)
  addEventListener('beforeunload', (e) => { if (!leaving && unsaved()) e.preventDefault() })

  // --- uploads: the chosen files are listed, the limit is checked early, progress is shown
  const MAX_BYTES = 10485760
  const size = (n) => n < 1048576 ? `${Math.ceil(n / 1024)} KB` : `${(n / 1048576).toFixed(1)} MB`
  const row = (file) => {
    const name = make('span', { className: 'file__n' }, make('span', { dir: 'auto' }, file.name), ' ')
    name.append(make('small', {}, size(file.size)))
    return make('li', { className: 'file' }, name)
  }
  on('change', ({ target }) => {
    const list = target.type === 'file' && target.form && $('[data-files]', target.form)
    if (!list) return
    const files = [...target.files], total = files.reduce((sum, file) => sum + file.size, 0)
    const problem = total > MAX_BYTES ? `The files add up to ${size(total)}. The limit is ${size(MAX_BYTES)}.` : ''
    target.setCustomValidity(problem)
    if (problem) target.reportValidity()
    list.hidden = !files.length
    list.replaceChildren(...files.map(row))
    say(`${files.length} file${files.length === 1 ? '' : 's'} chosen, ${size(total)}`)
  })
  on('dragover dragleave drop', (e) => {
    const drop = e.target.closest?.('[data-drop]')
    if (!drop) return
    drop.classList.toggle('is-over', e.type === 'dragover')
    if (e.type === 'dragover') e.preventDefault()
    const input = $('input[type=file]', drop)
    if (e.type !== 'drop' || e.target === input) return
    e.preventDefault()
    input.files = e.dataTransfer.files
    input.dispatchEvent(new Event('change', { bubbles: true }))
  })
  // htmx reports progress for the upload and again for the response: only the part before the first loadend counts.
  on('htmx:xhr:loadstart', ({ target }) => { if (target.matches('[data-upload]')) target.dataset.sending ??= 'up' })
  on('htmx:xhr:loadend', ({ target }) => { if (target.matches('[data-upload]')) target.dataset.sending = 'down' })
  on('htmx:afterRequest', ({ target }) => {
    if (target.matches('[data-upload]')) { delete target.dataset.sending; $('.uploading', target)?.remove() }
  })
  on('htmx:xhr:progress', ({ target, detail }) => {
    const files = target.dataset?.sending === 'up' ? $('input[type=file]', target).files : []
    if (!files.length || !detail.lengthComputable) return
    const label = $('.uploading', target) || make('label', { className: 'uploading row small' }, 'Uploading ')
    if (!label.firstElementChild) label.append(make('progress'))
    if (!label.parentNode) $('[data-files]', target).after(label)
    Object.assign(label.lastChild, { max: detail.total, value: detail.loaded })
  })

  // --- on a phone, what is not in use begins folded
  if (matchMedia('(max-width:52rem)').matches) for (const it of $$('details[data-fold]')) it.open = false

  // --- polling, only while the page is looked at: every minute, and every 3 s for 2 minutes while files are checked
  const QUICK_TURNS = 40
  let quick = QUICK_TURNS
  const poll = (name) => {
    if (document.visibilityState === 'visible') document.body.dispatchEvent(new CustomEvent(name))
  }
  setInterval(() => poll('sdes:poll'), 60000 + Math.random() * 15000)
  setInterval(() => { if ($('[data-pending]') && quick-- > 0) poll('sdes:files') }, 3000)

  // --- session: warn before it ends; all tabs count as one; what is typed stays
  const box = $('#session'), idle = Number(set.idleSeconds) * 1000, warn = Number(set.warnSeconds) * 1000
  const tabs = set.actor && 'BroadcastChannel' in window ? new BroadcastChannel('sdes') : null
  let since = Date.now(), over = false
  const alive = () => { since = Date.now(); if (!over && box?.open) box.close() }
  const tell = () => tabs?.postMessage({ actor: set.actor, csrf: set.csrf })
  const ended = (keep) => {
    if (!box || !(keep || unsaved() || $('[data-matrix][data-dirty]'))) {
      leave()
      return location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`)
    }
    over = true
    for (const part of $$('[data-session]', box)) part.hidden = part.dataset.session !== 'ended'
    if (!box.open) box.showModal()
  }
  const words = (n) => n > 90 ? `${Math.round(n / 60)} minutes` : `${Math.max(1, Math.ceil(n / 10) * 10)} seconds`
  on('sdes:ended', () => ended(true)) // another script was told so
  if (box) {
    setInterval(() => {
      const left = idle - (Date.now() - since)
      if (over) return
      if (left <= 0) return ended(false)
      if (left > warn) return
      $('[data-left]', box).textContent = words(left / 1000)
      if (!box.open) box.showModal()
    }, 1000)
    on('htmx:afterRequest', ({ detail }) => {
      if (detail.successful && !isPoll(detail.requestConfig.triggeringEvent)) { alive(); tell() }
    })
    if (tabs) tabs.onmessage = ({ data }) => {
      if (data.actor !== set.actor) return
      set.csrf = data.csrf // signed in again elsewhere: this page's forms work again
      for (const input of $$('input[name=csrf_token]')) input.value = data.csrf
      if (over) { over = false; box.close(); toast('You are signed in again. Nothing was lost: carry on.') }
      for (const part of $$('[data-session]', box)) part.hidden = part.dataset.session === 'ended'
      alive()
    }
  }
  tell()

  // --- ticks of a list: one box for all rows of the page, which follows them
  on('change', ({ target }) => {
    if (!target.form?.matches('[data-ticks]')) return
    const { all } = target.form.elements, rows = [...target.form.elements].filter(({ name }) => name === 'tick')
    if (target === all) for (const box of rows) box.checked = all.checked
    const count = rows.filter((box) => box.checked).length
    all.checked = count === rows.length
    say(`${count} ticked`)
    const told = $('[data-ticked]', target.form)
    told.textContent = `${count} ticked`
    told.hidden = !count
  })

  // --- menus, dialogs, show password, print
  on('click', ({ target }) => {
    if (target.closest?.('[data-print]')) print()
    for (const menu of $$('details.menu[open]')) if (!menu.contains(target)) menu.open = false
    document.getElementById(target.closest?.('[data-dialog]')?.dataset.dialog)?.showModal()
    target.closest?.('[data-close]')?.closest('dialog').close()
    const button = target.closest?.('[data-reveal]')
    if (!button) return
    const input = document.getElementById(button.dataset.reveal), shown = input.type === 'password'
    input.type = shown ? 'text' : 'password'
    button.setAttribute('aria-pressed', shown)
    button.firstChild.textContent = shown ? 'Hide' : 'Show'
  })
  on('keydown', (e) => {
    const menu = e.key === 'Escape' && $('details.menu[open]')
    if (menu) { menu.open = false; $('summary', menu).focus() }
  })
  addEventListener('pageshow', () => {
    leaving = false
    for (const button of $$('[data-reveal]')) document.getElementById(button.dataset.reveal).type = 'password'
  })
})()
