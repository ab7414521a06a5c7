// How far a long command is, on one line that is written over: to a terminal only, never to a file or
// a pipe.

import type { Shell } from './shell.ts'

const WIDTH = 24
/** A shorter run is over before anybody looks. */
const TOTAL_MIN = 200

export class Progress {
  readonly #shell: Shell
  readonly #what: string
  readonly #total: number | undefined
  #shown = ''

  /** Without a total, as of a pipe, the line says only how much is done. */
  constructor(shell: Shell, what: string, total: number | undefined) {
    this.#shell = shell
    this.#what = what
    this.#total = total
  }

  show(done: number): void {
    if (this.#shell.overwrite === undefined || (this.#total ?? TOTAL_MIN) < TOTAL_MIN) return
    const line = `${this.#what} ${this.#total === undefined ? done : barOf(done, this.#total)}`
    if (line === this.#shown) return
    this.#shown = line
    this.#shell.overwrite(line)
  }

  /** Leaves the line empty for what comes next. */
  clear(): void {
    if (this.#shown !== '') this.#shell.overwrite?.('')
    this.#shown = ''
  }
}

function barOf(done: number, total: number): string {
  const filled = Math.round((WIDTH * done) / total)
  const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
  return `${bar} ${Math.floor((100 * done) / total)} %`
}
