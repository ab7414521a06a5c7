// What pages are answered with, made once by app.ts: the files they load, the signals they hear, and
// what the frame says of the product.

import type { Signals } from './signals.ts'
import type { StaticFiles } from './static.ts'

export interface Face {
  readonly statics: StaticFiles
  readonly signals: Signals
  readonly version: string
}
