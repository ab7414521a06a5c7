// A SIEM that answers searches as a test says, by the name its address begins with. For tests of what
// stands above adapters: segments, their ends, what restarts and cancels do.

import type {
  OpenSiem,
  RowsPage,
  SearchRequest,
  SearchState,
  SiemPort,
} from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { smallSiem } from './small-siem.ts'

export interface Script {
  /** Throws to refuse. `first` is an answer at once. */
  start?: (request: SearchRequest) => Promise<{ readonly first: RowsPage | null }>
  /** One after the other; the last is said again. */
  readonly states?: readonly SearchState[]
  readonly pages?: readonly RowsPage[]
  readonly cancel?: () => Promise<{ readonly isConfirmed: boolean; readonly reason: string }>
  readonly find?: (request: SearchRequest) => Promise<Json | null>
  readonly isResumable?: boolean
}

export interface AnsweringSiem {
  readonly open: OpenSiem
  readonly scripts: Map<string, Script>
  readonly requests: SearchRequest[]
  readonly cancelled: Json[]
}

export const COMPLETE = { kind: 'complete' } as const

export function rowsPage(rows: readonly (readonly Json[])[], next: Json | null = null): RowsPage {
  return {
    columns: [
      { name: '_time', type: 'datetime' },
      { name: 'host', type: null },
    ],
    rows,
    next,
    completeness: COMPLETE,
  }
}

export function done(found: number): SearchState {
  return { kind: 'done', found, scanned: 1_000, completeness: COMPLETE, notices: [] }
}

export const STILL: SearchState = {
  kind: 'running',
  progress: 0.4,
  scanned: 400,
  found: 1,
  pollAfterMs: 1,
}

/** Scripts by the host of the target's address: `paris` of `https://paris.example:8089/`. */
export function answeringSiem(): AnsweringSiem {
  const small = smallSiem()
  const siem: AnsweringSiem = {
    scripts: new Map(),
    requests: [],
    cancelled: [],
    open(connection): SiemPort {
      const { url = '' } = connection.settings as { url?: string }
      const name = URL.canParse(url) ? new URL(url).hostname.split('.')[0]! : connection.kind
      const script = siem.scripts.get(name) ?? {}
      const { states = [done(0)], pages = [rowsPage([])], find } = script
      const base = small.open({
        ...connection,
        credential: { kind: 'token', token: 'reader-secret' },
      })
      let polls = 0
      return {
        ...base,
        search: {
          languages: ['spl'],
          isResumable: script.isResumable ?? true,
          async start(request) {
            siem.requests.push(request)
            const { first } = (await script.start?.(request)) ?? { first: null }
            return { remote: { of: name }, first }
          },
          async poll() {
            return states[Math.min(polls++, states.length - 1)]!
          },
          rows: async (_, { after }) => pages[typeof after === 'number' ? after : 0]!,
          async cancel(remote) {
            siem.cancelled.push(remote)
            return (await script.cancel?.()) ?? { isConfirmed: true, reason: '' }
          },
          ...(find && { find }),
        },
      }
    },
  }
  return siem
}
