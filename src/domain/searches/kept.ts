// What is kept of one segment, counted while its rows come in: how many, how large, over which time, and
// how complete. It knows when there is no more room.

import type { Completeness, RowsPage } from '#domain/targets/port.ts'
import {
  countTimes,
  EMPTY_HISTOGRAM,
  timeColumnOf,
  worseOf,
  type Histogram,
  type Search,
} from './search.ts'
import type { SegmentChange } from './store.ts'

export class Kept {
  readonly #search: Search
  #completeness: Completeness
  #columns: RowsPage['columns'] = []
  #histogram: Histogram = EMPTY_HISTOGRAM
  #bytes = 0
  rows = 0

  constructor(search: Search, completeness: Completeness) {
    this.#search = search
    this.#completeness = completeness
  }

  get isFull(): boolean {
    return this.rows >= this.#search.caps.rows || this.#bytes >= this.#search.caps.bytes
  }

  add({ columns, rows, completeness }: RowsPage, bytes: number): void {
    if (columns.length > 0) this.#columns = columns
    this.rows += rows.length
    this.#bytes += bytes
    this.#completeness = worseOf(this.#completeness, completeness)
    const time = timeColumnOf(this.#columns)
    if (time < 0) return
    this.#histogram = countTimes(
      this.#search,
      this.#histogram,
      rows.map((row) => row[time]),
    )
  }

  truncate(): void {
    const { rows, bytes } = this.#search.caps
    const limit =
      this.rows >= rows
        ? `${rows} rows, as this search asked`
        : `${bytes} bytes, as this search keeps`
    this.#completeness = worseOf({ kind: 'truncated', limit }, this.#completeness)
  }

  told(): SegmentChange {
    return {
      rowCount: this.rows,
      byteCount: this.#bytes,
      columns: JSON.stringify(this.#columns),
      histogram: JSON.stringify(this.#histogram),
      completeness: JSON.stringify(this.#completeness),
    }
  }
}
