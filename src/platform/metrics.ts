// Numbers about the running process in Prometheus' text format (exposition format 0.0.4). Counters and
// histograms are told; gauges are asked when somebody reads. Labels come from closed sets (a route's
// pattern, a status), never from a request's text, so that nobody can grow the memory.

type Labels = Readonly<Record<string, string>>

export interface Counter {
  add(labels?: Labels, by?: number): void
}

export interface Histogram {
  /** In the unit that the name ends in. */
  observe(value: number, labels?: Labels): void
}

interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly lines: () => Iterable<string>
}

/** Combinations of labels that one metric keeps; more than this is a mistake of ours. */
const SERIES_MAX = 2_000

export class Metrics {
  readonly #metrics = new Map<string, Metric>()

  counter(name: string, help: string): Counter {
    const series = new Map<string, number>()
    this.#register({
      name,
      help,
      type: 'counter',
      lines: () => [...series].map(([labels, value]) => `${name}${labels} ${value}`),
    })
    return {
      add(labels = {}, by = 1) {
        const key = formatLabels(labels)
        if (series.has(key) || series.size < SERIES_MAX)
          series.set(key, (series.get(key) ?? 0) + by)
      },
    }
  }

  /** `read` is called at each scrape; undefined leaves the line out. Several values carry labels. */
  gauge(name: string, help: string, read: () => number | undefined): void {
    this.gauges(name, help, () => {
      const value = read()
      return value === undefined ? [] : [[{}, value]]
    })
  }

  gauges(name: string, help: string, read: () => Iterable<readonly [Labels, number]>): void {
    this.#register({
      name,
      help,
      type: 'gauge',
      lines: () => [...read()].map(([labels, value]) => `${name}${formatLabels(labels)} ${value}`),
    })
  }

  /** `buckets` are upper bounds, ascending, without infinity. */
  histogram(name: string, help: string, buckets: readonly number[]): Histogram {
    const series = new Map<string, Distribution>()
    this.#register({
      name,
      help,
      type: 'histogram',
      lines: () => [...series.values()].flatMap((one) => formatDistribution(name, one, buckets)),
    })
    return {
      observe(value, labels = {}) {
        const key = formatLabels(labels)
        const known = series.get(key)
        if (!known && series.size >= SERIES_MAX) return
        const one = known ?? { labels, counts: buckets.map(() => 0), count: 0, sum: 0 }
        if (!known) series.set(key, one)
        const bucket = buckets.findIndex((bound) => value <= bound)
        if (bucket >= 0) one.counts[bucket]! += 1
        one.count += 1
        one.sum += value
      },
    }
  }

  /** Everything, as a scraper reads it. A gauge that throws is left out and the rest still said. */
  format(): string {
    return [...this.#metrics.values()].flatMap(formatMetric).join('\n').concat('\n')
  }

  #register(metric: Metric): void {
    if (this.#metrics.has(metric.name)) throw new Error(`${metric.name} is registered twice`)
    this.#metrics.set(metric.name, metric)
  }
}

interface Distribution {
  readonly labels: Labels
  readonly counts: number[]
  count: number
  sum: number
}

function formatMetric({ name, help, type, lines }: Metric): string[] {
  const head = [`# HELP ${name} ${help.replaceAll(/[\\\n]/g, ' ')}`, `# TYPE ${name} ${type}`]
  try {
    return [...head, ...lines()]
  } catch {
    return head
  }
}

function formatDistribution(
  name: string,
  { labels, counts, count, sum }: Distribution,
  buckets: readonly number[],
): string[] {
  let below = 0
  const lines = buckets.map((bound, index) => {
    below += counts[index]!
    return `${name}_bucket${formatLabels({ ...labels, le: String(bound) })} ${below}`
  })
  return [
    ...lines,
    `${name}_bucket${formatLabels({ ...labels, le: '+Inf' })} ${count}`,
    `${name}_sum${formatLabels(labels)} ${sum}`,
    `${name}_count${formatLabels(labels)} ${count}`,
  ]
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
