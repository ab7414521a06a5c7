// One request to a stand-in and what it answers, as server and faults pass them on.

/** A header of ours: whose certificate the connection showed, for vendors that take a person from it. */
export const SHOWN_BY = 'x-standin-shown-by'

export interface SeenRequest {
  readonly method: string
  /** Without the query, as it was sent: still percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: Buffer
  /** The connection breaks after so many bytes of the body, or before anything is answered. */
  readonly cutAt?: number | 'before'
  /** What follows the body, as it comes: then no length is announced. */
  readonly tail?: AsyncIterable<Buffer>
}
