// What `rule match` writes: matches as they come, correlations at the events that complete them, or how
// often each rule matched.

import { nameOf, toMatch, type Places } from '#domain/rules/answers.ts'
import type { BlockMatcher, MatchedBlock } from '#domain/rules/match-block-task.ts'
import type { Fired } from '#languages/sigma/correlate.ts'
import { CorrelationRun } from '#languages/sigma/correlation-run.ts'
import type { Shell } from './shell.ts'

export class MatchReport {
  events = 0
  readonly #shell: Shell
  readonly #format: 'ndjson' | 'summary'
  readonly #correlations: CorrelationRun
  readonly #places: Places
  readonly #counts = new Map<string, number>()
  #lines = 0
  #bad = 0
  #untimed = 0

  constructor(shell: Shell, format: 'ndjson' | 'summary', matcher: BlockMatcher) {
    this.#shell = shell
    this.#format = format
    this.#correlations = new CorrelationRun(matcher.collection)
    this.#places = matcher.places
  }

  /** Blocks come in the order of their events. */
  take(block: MatchedBlock): void {
    const { texts, sightings } = block
    const told = sightings.flatMap((sighting, at) => [
      texts[at]!,
      ...this.#tell(this.#correlations.add(sighting)),
    ])
    this.#write([...told, texts.at(-1)!])
    for (const [rule, count] of block.counts) this.#count(rule, count)
    this.events += block.events
    this.#lines += block.lines
    this.#bad += block.bad
    this.#untimed += block.untimed
  }

  /** What is left to tell when there are no more events. */
  end(): void {
    this.#write(this.#tell(this.#correlations.finish()))
    const byCount = [...this.#counts].toSorted(([a, most], [b, more]) =>
      most === more ? (a < b ? -1 : 1) : more - most,
    )
    this.#write(byCount.map(([rule, count]) => `${count}\t${rule}`))
    const { droppedCount } = this.#correlations
    if (this.#untimed > 0) {
      this.#shell.err(`${this.#untimed} events say no time and took no part in correlations`)
    }
    if (droppedCount > 0) {
      this.#shell.err(`${droppedCount} events were too many for correlations and were left out`)
    }
    const { events } = this
    this.#shell.err(`${events} events, ${this.#bad} of ${this.#lines} lines could not be read`)
  }

  #tell(fired: readonly Fired[]): readonly string[] {
    return fired.flatMap((one) => {
      if (this.#format === 'ndjson') {
        return [JSON.stringify(toMatch({ kind: 'correlation', ...one }, this.#places))]
      }
      this.#count(nameOf(this.#places, one.correlation), 1)
      return []
    })
  }

  #count(rule: string, count: number): void {
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + count)
  }

  #write(texts: readonly string[]): void {
    const text = texts.filter((one) => one !== '').join('\n')
    if (text !== '') this.#shell.out(text)
  }
}
