// Matrices of check boxes: whole rows and columns at once, how many changes are not saved yet, and a question before
// they are lost. An enhancement: without it the same boxes are ticked one by one or by buttons. Asked for by markup:
//   form[data-matrix]              holds boxes named p…; a box whose tick is not what is saved has data-was="0" or "1"
//   input[data-row]                stands for all boxes of its table row
//   input[data-column="7.2"]       stands for all boxes of that value; ".2": of all that end so; "": for all of the form
//   it has data-dirty while anything is not saved
//   [data-unsaved], a[data-discard]  tells the number of changes; leaves without being asked
(() => {
  'use strict'
  const BOX = 'input[type=checkbox][name^=p]'
  const was = (box) => 'was' in box.dataset ? box.dataset.was === '1' : box.defaultChecked
  const rowOf = (element) => element.closest('tr')
  const columnsOf = (box) => [box.value, box.value.slice(box.value.indexOf('.')), '']
  const keysOf = (box) => [rowOf(box), ...columnsOf(box)]
  const begin = (form) => {
    const changed = new Set(), told = form.querySelector('[data-unsaved]')
    const groups = new Map() // of boxes: by their row, by their value, and all of them under ''
    let leaving = false
    const gather = () => {
      const put = (key, box) => { groups.get(key)?.boxes.push(box) ?? groups.set(key, { boxes: [box], ticked: 0 }) }
      if (!groups.size) for (const box of form.querySelectorAll(BOX)) {
        for (const key of keysOf(box)) { put(key, box); groups.get(key).ticked += box.checked }
      }
    }
    const keyOf = (whole) => 'row' in whole.dataset ? rowOf(whole) : whole.dataset.column
    const reflect = (whole) => {
      const { boxes, ticked } = groups.get(keyOf(whole)) || { boxes: [], ticked: 0 }
      whole.checked = ticked > 0 && ticked === boxes.length
      whole.indeterminate = ticked > 0 && ticked < boxes.length
    }
    const reflectAll = () => {
      gather()
      for (const whole of form.querySelectorAll('[data-row],[data-column]')) reflect(whole)
    }
    const note = (box) => {
      const differs = box.checked !== was(box)
      changed[differs ? 'add' : 'delete'](box)
      box.closest('td')?.classList.toggle('is-changed', differs)
    }
    const count = (box) => {
      for (const key of keysOf(box)) groups.get(key).ticked += box.checked ? 1 : -1
    }
    const words = () => {
      const n = changed.size
      return n ? `${n} ${n === 1 ? 'change' : 'changes'}, not saved yet` : 'No changes yet'
    }
    form.addEventListener('change', ({ target }) => {
      if (target.matches('[data-row],[data-column]')) {
        gather()
        for (const box of groups.get(keyOf(target))?.boxes || []) {
          if (box.checked !== target.checked) { box.checked = target.checked; count(box); note(box) }
        }
        reflectAll()
        const done = target.checked ? 'ticked' : 'cleared'
        document.querySelector('#announce')?.replaceChildren(`${target.getAttribute('aria-label')} ${done}. ${words()}.`)
      } else if (target.matches(BOX)) {
        if (groups.size) count(target)
        else gather()
        note(target)
        const column = columnsOf(target).map((value) => `[data-column="${value}"]`).join()
        for (const whole of form.querySelectorAll(column)) reflect(whole)
        const row = rowOf(target)?.querySelector('[data-row]')
        if (row) reflect(row)
      }
      if (told) told.textContent = words()
      form.toggleAttribute('data-dirty', changed.size > 0)
    })
    const send = async () => { // only while the session lives: a save that is sent to the sign-in page loses its ticks
      const session = document.querySelector('#session form')
      if (session) {
        const body = new URLSearchParams(new FormData(session)), headers = { 'HX-Request': 'true' }
        const answer = await fetch(session.action, { method: 'POST', headers, body }).catch(() => null)
        if (answer?.status === 401) return document.dispatchEvent(new CustomEvent('sdes:ended'))
        const value = 'The service does not answer. Nothing was saved. Keep this page open and try again.'
        if (!answer?.ok) return document.dispatchEvent(new CustomEvent('sdes:toast', { detail: { value } }))
      }
      leaving = true
      form.submit()
    }
    form.addEventListener('submit', (e) => { e.preventDefault(); send() })
    form.addEventListener('click', ({ target }) => { if (target.closest('[data-discard]')) leaving = true })
    addEventListener('pageshow', () => { leaving = false })
    addEventListener('beforeunload', (e) => { if (!leaving && changed.size) e.preventDefault() })
    for (const box of form.querySelectorAll(`${BOX}[data-was]`)) note(box)
    form.toggleAttribute('data-dirty', changed.size > 0)
    const later = window.requestIdleCallback || ((act) => setTimeout(act, 200))
    later(reflectAll) // thousands of boxes: not before the page is there
  }
  for (const form of document.querySelectorAll('form[data-matrix]')) begin(form)
})()
