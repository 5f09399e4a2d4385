// Passkeys (WebAuthn). Forms with `data-passkey` ("get" or "create") and `data-challenge`, the address of what the
// browser is asked. They are hidden until this script finds that the browser can do it; what is answered goes to the
// server as the form's field `credential`. Loaded by the pages that have such forms, and by no other.
(() => {
  'use strict'
  if (!window.PublicKeyCredential) return
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
  const keys = (list) => (list || []).map((key) => ({ ...key, id: bytes(key.id) }))

  const toCreate = (told) => PublicKeyCredential.parseCreationOptionsFromJSON?.(told) ?? {
    ...told,
    challenge: bytes(told.challenge),
    user: { ...told.user, id: bytes(told.user.id) },
    excludeCredentials: keys(told.excludeCredentials),
  }
  const toGet = (told) => PublicKeyCredential.parseRequestOptionsFromJSON?.(told) ?? {
    ...told, challenge: bytes(told.challenge), allowCredentials: keys(told.allowCredentials),
  }
  const asJson = (made) => {
    if (made.toJSON) return made.toJSON()
    const response = {}
    for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      if (made.response[name]) response[name] = text(made.response[name])
    }
    return { id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} }
  }

  const WORDS = {
    NotAllowedError: 'No passkey was used: it took too long, or it was cancelled. Try again, or choose another way.',
    InvalidStateError: 'This device or password manager holds a passkey for your account already.',
    SecurityError: 'Passkeys do not work at this address. Open the service at its usual address.',
    TypeError: 'No connection to the service. Try again.',
  }
  const say = (form, words) => {
    const place = form.querySelector('[data-says]')
    place.textContent = words
    place.hidden = !words
  }

  const options = async (form, isOffer) => {
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, ...isOffer && { offer: 'on' } })
    const answer = await fetch(form.dataset.challenge, { method: 'POST', body })
    if (answer.redirected) return location.assign(answer.url) // signed out meanwhile, or to be confirmed first
    if (answer.ok) return answer.json()
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    throw new Error(page.querySelector('[data-told]')?.textContent || 'The service could not do that. Try again.')
  }

  const run = async (form, offer) => {
    const told = await options(form, Boolean(offer))
    if (!told) return
    const made = form.dataset.passkey === 'create'
      ? await navigator.credentials.create({ publicKey: toCreate(told) })
      : await navigator.credentials.get({ publicKey: toGet(told), ...offer })
    form.elements.credential.value = JSON.stringify(asJson(made))
    form.submit()
  }

  // --- a form with `data-offer` names a field among whose suggestions the browser offers passkeys, unasked: one who
  // chooses none sees nothing of it, whatever goes wrong
  const LASTS = 4 * 60000 // milliseconds: the server's question lasts a little longer
  let offered, since
  const offer = async (form) => {
    offered?.abort()
    offered = new AbortController()
    since = Date.now()
    try {
      await run(form, { mediation: 'conditional', signal: offered.signal })
    } catch { /* the button is there */ }
  }
  const offering = async (form) => {
    if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return
    const again = () => { if (Date.now() - since > LASTS) offer(form) }
    document.getElementById(form.dataset.offer).addEventListener('focus', again)
    addEventListener('focus', again)
    offer(form)
  }

  const busy = (form, is) => { form.querySelector('button:not([type=button])').disabled = is }
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    form.hidden = false
    if (form.dataset.offer) offering(form)
    form.addEventListener('submit', async (event) => {
      if (form.elements.name && !form.elements.name.value.trim()) return // the server says what is missing
      event.preventDefault()
      say(form, '')
      busy(form, true)
      offered?.abort() // a browser answers one question at a time
      try {
        await run(form)
      } catch (error) {
        say(form, WORDS[error.name] || error.message)
        busy(form, false)
        if (offered) offer(form)
      }
    })
  }
  for (const instead of document.querySelectorAll('[data-no-passkeys]')) instead.hidden = true
  addEventListener('pageshow', () => { for (const form of document.querySelectorAll('form[data-passkey]')) busy(form, false) })
})()
