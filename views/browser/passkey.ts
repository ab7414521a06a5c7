// Passkeys: a form marked `data-passkey` asks the browser for one and sends what it answers, like any
// other form. Where the browser can, the sign-in page also offers passkeys in the menu of the e-mail
// field. A browser without them never sees the form.

const REFRESH_MS = 4 * 60_000 // a challenge is good for five minutes

let offered: AbortController | undefined

/** Fits out the forms of a page. Safe to run twice. */
export function keepPasskeys(root: ParentNode): void {
  if (!('PublicKeyCredential' in window) || !PublicKeyCredential.parseRequestOptionsFromJSON) return
  for (const form of root.querySelectorAll<HTMLFormElement>('form[data-passkey][hidden]')) {
    form.hidden = false
    form.addEventListener('submit', (event) => {
      if (fieldOf(form).value !== '') return
      event.preventDefault()
      void ask(form)
    })
    if (form.hasAttribute('data-offered')) void offer(form)
  }
}

async function ask(form: HTMLFormElement): Promise<void> {
  offered?.abort() // a browser does one ceremony at a time
  const button = form.querySelector('button')
  if (button) button.disabled = true
  tell(form, '')
  try {
    send(form, await answer(form, {}))
  } catch (error) {
    // The browser says no more than this, whether the person declined or there is no passkey.
    const isRefused = error instanceof DOMException && error.name !== 'InvalidStateError'
    const known = 'This device has a passkey for this account already.'
    tell(form, error instanceof DOMException && !isRefused ? known : 'No passkey was used. Try again, or use another way.') // prettier-ignore
    if (button) button.disabled = false
    if (form.hasAttribute('data-offered')) void offer(form)
  }
}

/** Until a passkey is chosen from the menu, or the button is pressed. */
async function offer(form: HTMLFormElement): Promise<void> {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return
  const round = new AbortController()
  offered = round
  const renew = setTimeout(() => {
    if (offered !== round) return
    round.abort()
    void offer(form)
  }, REFRESH_MS)
  try {
    send(form, await answer(form, { mediation: 'conditional', signal: round.signal }))
  } catch {
    clearTimeout(renew) // aborted, or the person chose none: the button is still there
  }
}

async function answer(
  form: HTMLFormElement,
  how: Pick<CredentialRequestOptions, 'mediation' | 'signal'>,
): Promise<Credential | null> {
  const reply = await fetch(form.dataset.options!, { headers: { Accept: 'application/json' } })
  const isJson = reply.headers.get('Content-Type')?.startsWith('application/json') === true
  if (!reply.ok || !isJson) throw new Error('the server gave no challenge')
  const options = (await reply.json()) as never
  if (form.dataset.passkey === 'create') {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
    return navigator.credentials.create({ publicKey })
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
  return navigator.credentials.get({ publicKey, ...how })
}

function send(form: HTMLFormElement, credential: Credential | null): void {
  if (!(credential instanceof PublicKeyCredential)) throw new Error('no passkey was given')
  fieldOf(form).value = JSON.stringify(credential.toJSON())
  form.requestSubmit()
}

function fieldOf(form: HTMLFormElement): HTMLInputElement {
  return form.querySelector<HTMLInputElement>('input[name="credential"]')!
}

function tell(form: HTMLFormElement, text: string): void {
  const place = form.querySelector('[data-passkey-told]')
  if (place) place.textContent = text
}
