// Pages a second: the list of 50 jobs as somebody signed in gets it (session, gate, two queries, whole
// frame, headers, log line), as a share of a bare Hono that renders the same list from memory and does
// nothing else. Each serves from a process of its own; the load comes from this one over loopback. How
// late the event loop is says something only below saturation: there every queue is as long as the
// load makes it.

import autocannon, { type Result } from 'autocannon'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Bench, Print } from './bench.ts'
import { loadEvenly, type Paced } from './http/pace.ts'

const server = path.join(import.meta.dirname, 'http/server.tsx')
const CONNECTIONS = 32
const WARM_UP_SECONDS = 2
const SECONDS = 5
const ROUNDS = 3

/** What a server process says when it listens. */
export interface Listening {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** Of a server process, since it was asked before. */
export interface Usage {
  readonly lagP99Ms: number
  readonly cpuMs: number
}

interface Measured extends Usage {
  readonly perSecond: number
  readonly p99Ms: number
  readonly cpuMsPerPage: number
}

export const bench: Bench = {
  name: 'http: a page of 50 rows, signed in, 32 connections',
  async run(print) {
    const product = new Served('product')
    const bare = new Served('bare')
    const rounds: { product: Measured; bare: Measured }[] = []
    let half: (Paced & Usage) | undefined
    let bareHalf: Usage | undefined
    try {
      // In turns, so that a machine that slows down slows both.
      for (let round = 0; round < ROUNDS; round++) {
        rounds.push({ bare: await bare.measure(), product: await product.measure() })
      }
      const perSecond = Math.ceil(rounds.at(-1)!.product.perSecond / 2)
      bareHalf = await bare.measureEvenly(perSecond)
      half = await product.measureEvenly(perSecond)
    } finally {
      product.stop()
      bare.stop()
    }
    printRounds(print, rounds)
    print('at half of that, in an even pace: p99', `${half.p99Ms.toFixed(1)} ms`)
    // What a busy machine adds is in both.
    print('the same pace, bare: event loop lag p99', `${bareHalf.lagP99Ms.toFixed(1)} ms`)
    print('at half of that: event loop lag p99', `${half.lagP99Ms.toFixed(1)} ms`, '≤ 20 ms')
  },
}

function printRounds(print: Print, rounds: readonly { product: Measured; bare: Measured }[]): void {
  const middle = (values: readonly number[]) =>
    values.toSorted((a, b) => a - b)[values.length >> 1]!
  const shares = rounds.map(({ product, bare }) => product.perSecond / bare.perSecond)
  const of = (key: keyof Measured, who: 'product' | 'bare') =>
    middle(rounds.map((round) => round[who][key]))
  print('bare Hono, same list from memory', `${of('perSecond', 'bare').toFixed(0)}/s`)
  print('product', `${of('perSecond', 'product').toFixed(0)}/s`)
  print('share of bare Hono, pages a second', percent(middle(shares)), '≥ 25 %')
  // What other programs take from the machine meanwhile does not change this one.
  const cpuShare = of('cpuMsPerPage', 'bare') / of('cpuMsPerPage', 'product')
  print('share of bare Hono, processor time a page', percent(cpuShare), '≥ 25 %')
  print('p99, bare', `${of('p99Ms', 'bare')} ms`)
  print('p99, product', `${of('p99Ms', 'product')} ms`)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}

class Served {
  readonly #child: ChildProcess
  readonly #listening: Promise<Listening>

  constructor(kind: 'product' | 'bare') {
    // Log lines are written as in production, to a pipe; nobody reads them here.
    this.#child = fork(server, [kind], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    this.#listening = once(this.#child, 'message').then(([said]) => said as Listening)
  }

  /** As many as possible. */
  async measure(): Promise<Measured> {
    const target = await this.#listening
    await load(target, WARM_UP_SECONDS)
    await this.#usage()
    const { requests, latency } = await load(target, SECONDS)
    const usage = await this.#usage()
    const cpuMsPerPage = usage.cpuMs / requests.total
    return { perSecond: requests.average, p99Ms: latency.p99, cpuMsPerPage, ...usage }
  }

  async measureEvenly(perSecond: number): Promise<Paced & Usage> {
    const { url, headers } = await this.#listening
    await this.#usage()
    const pace = { perSecond, seconds: SECONDS, connections: CONNECTIONS }
    return { ...(await loadEvenly({ urls: [url], headers }, pace)), ...(await this.#usage()) }
  }

  stop(): void {
    this.#child.kill()
  }

  async #usage(): Promise<Usage> {
    const answer = once(this.#child, 'message')
    this.#child.send('usage')
    const [usage] = (await answer) as [Usage]
    return usage
  }
}

async function load({ url, headers }: Listening, duration: number): Promise<Result> {
  const result = await autocannon({ url, headers, connections: CONNECTIONS, duration })
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${result.non2xx} refusals and ${result.errors} errors: nothing was measured`)
  }
  return result
}
