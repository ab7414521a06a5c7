// One event stream per browser and place: a visible tab holds it under a browser-wide lock and passes
// each signal to the other tabs; hidden tabs hold none. A signal becomes two events on the body,
// `signal:job` and `signal:job-<id>`, and a part that listens for one fetches itself. The page was
// rendered at a known signal, so the stream begins exactly there.

import { holdStream } from './stream.ts'

interface Message {
  /** The server's name for this place in the stream. */
  readonly signalId: string
  /** Empty for a reset: something may have been missed, so everything looks again. */
  readonly noun: string
  readonly id: string
}

type Told = Message | 'ended'

export function keepSignals(): void {
  const { signals: path, signalId } = document.body.dataset
  if (path === undefined || signalId === undefined) return
  let seen = signalId
  const others = new BroadcastChannel(`signals ${path}`)
  others.addEventListener('message', ({ data }: MessageEvent<Told>) => take(data))

  function take(message: Told): void {
    if (message === 'ended') return location.assign('/')
    if (message.noun !== '' && !isAfter(message.signalId, seen)) return
    seen = message.signalId
    if (message.noun === '') return announce('reset')
    announce(message.noun)
    announce(`${message.noun}-${message.id}`)
  }

  function tell(message: Told): void {
    others.postMessage(message)
    take(message)
  }

  follow(`signals ${path}`, () => openStream(`${path}?after=${encodeURIComponent(seen)}`, tell))
}

function openStream(url: string, tell: (message: Told) => void): EventSource {
  const stream = new EventSource(url)
  stream.addEventListener('message', ({ data, lastEventId }: MessageEvent<string>) => {
    const { kind, id } = JSON.parse(data) as { kind: string; id: string }
    tell({ signalId: lastEventId, noun: kind, id })
  })
  stream.addEventListener('reset', ({ lastEventId }: MessageEvent<string>) => {
    tell({ signalId: lastEventId, noun: '', id: '' })
  })
  stream.addEventListener('ended', () => tell('ended'))
  stream.addEventListener('error', () => {
    if (stream.readyState === EventSource.CLOSED) void askIfOver(url, tell)
  })
  return stream
}

// A refused stream does not say why: a session that ended before the stream began, or while the
// machine slept, must not leave a page that looks alive.
async function askIfOver(url: string, tell: (message: Told) => void): Promise<void> {
  const answer = await fetch(url).catch(() => undefined) // unreachable: the stream is asked for again
  await answer?.body?.cancel()
  if (answer?.status === 401) tell('ended')
}

/** Holds a stream while this tab is visible and no other one holds it. */
function follow(lock: string, open: () => EventSource): void {
  let hidden = new AbortController()

  async function show(): Promise<void> {
    hidden.abort()
    hidden = new AbortController()
    const { signal } = hidden
    // A page on plain http (not localhost) has no locks: each visible tab then holds its own stream.
    if (!('locks' in navigator)) return holdStream(open, signal)
    const wasFree = await navigator.locks.request(lock, { ifAvailable: true }, async (held) => {
      if (held) await holdStream(open, signal)
      return held !== null
    })
    if (wasFree || signal.aborted) return
    // Another visible tab holds the stream. It may have begun after what this tab saw, so look once.
    announce('reset')
    const wait = navigator.locks.request(lock, { signal }, () => holdStream(open, signal))
    await wait.catch(stopWaiting)
  }

  function look(): void {
    if (document.visibilityState === 'visible') void show()
    else hidden.abort()
  }
  document.addEventListener('visibilitychange', look)
  addEventListener('pagehide', () => hidden.abort())
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) look()
  })
  look()
}

function announce(name: string): void {
  document.body.dispatchEvent(new CustomEvent(`signal:${name}`))
}

/** Whether `id` comes after `seen`. Of two runs of the server the other one is always news. */
function isAfter(id: string, seen: string): boolean {
  const [run, number] = id.split('-')
  const [seenRun, seenNumber] = seen.split('-')
  return run !== seenRun || Number(number) > Number(seenNumber)
}

// Waiting for the lock ends when the tab is hidden; any other end is a fault worth a word.
function stopWaiting(error: unknown): void {
  if (!(error instanceof DOMException && error.name === 'AbortError')) throw error
}
