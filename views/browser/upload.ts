// Files that are sent show how far they are, and can be given up. Without script the browser sends the
// form itself and shows what it shows.

/** A form with `data-upload` is sent by hand; its status line says how it goes. */
export function sendWithProgress(event: SubmitEvent): void {
  const { target: form } = event
  if (!(form instanceof HTMLFormElement) || !form.matches('[data-upload]')) return
  const status = form.querySelector<HTMLElement>('[data-upload-status]')
  if (status === null) return
  event.preventDefault()
  const request = new XMLHttpRequest()
  const shown = showSending(status, () => request.abort())
  const send = form.querySelectorAll<HTMLButtonElement>('button:not([type="button"])')
  const settle = (text: string) => {
    shown.remove()
    status.append(text)
    for (const button of send) button.disabled = false
  }
  request.upload.addEventListener('progress', ({ loaded, total, lengthComputable }) => {
    if (lengthComputable) shown.update(loaded / total)
  })
  request.addEventListener('load', () => {
    // A form that was taken leads to a page; one that was not says why on its own.
    if (request.status < 400) location.assign(request.responseURL)
    else settle(reasonIn(request.responseXML))
  })
  request.addEventListener('error', () => settle('The connection broke. Nothing more was sent.'))
  request.addEventListener('abort', () => settle('Sending was given up.'))
  request.open('POST', form.action)
  // Read by the request itself: a page's own parser is closed to scripts here.
  request.responseType = 'document'
  const body = new FormData(form)
  for (const button of send) button.disabled = true
  request.send(body)
}

interface Sending {
  update(part: number): void
  remove(): void
}

function showSending(status: HTMLElement, giveUp: () => void): Sending {
  const bar = document.createElement('progress')
  bar.max = 1
  bar.setAttribute('aria-label', 'Sent')
  const words = document.createElement('span')
  words.className = 'small muted'
  words.textContent = 'Sending'
  const cancel = document.createElement('button')
  cancel.type = 'button'
  cancel.className = 'btn btn-s'
  cancel.textContent = 'Cancel'
  cancel.addEventListener('click', giveUp)
  status.replaceChildren(bar, words, cancel)
  return {
    update(part) {
      bar.value = part
      words.textContent = part < 1 ? `${Math.floor(part * 100)} % sent` : 'Sent; being kept'
    },
    remove: () => status.replaceChildren(),
  }
}

function reasonIn(page: Document | null): string {
  const told = page?.querySelector('.notice')?.textContent
  return told?.replaceAll(/\s+/g, ' ').trim() ?? 'The server did not take it.'
}
