// Load in an even pace: each request begins at its own moment, however the answers before it fare.
// autocannon's rate is no such thing: each connection sends the requests of a second as fast as it can
// at its beginning, which is saturation in bursts, and a queue as long as there are connections.

import { Agent, get } from 'node:http'
import { setTimeout } from 'node:timers/promises'

/** Addresses asked in turn. */
export interface Asked {
  readonly urls: readonly string[]
  readonly headers: Readonly<Record<string, string>>
}

export interface Paced {
  readonly p99Ms: number
  readonly answered: number
}

export async function loadEvenly(
  { urls, headers }: Asked,
  { perSecond, seconds, connections }: Record<'perSecond' | 'seconds' | 'connections', number>,
): Promise<Paced> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const startedAt = performance.now()
  const answers: Promise<number>[] = []
  for (let at = 0; at < perSecond * seconds; at++) {
    const dueMs = startedAt + (at * 1_000) / perSecond
    const earlyMs = dueMs - performance.now()
    if (earlyMs > 0) await setTimeout(earlyMs)
    const url = urls[at % urls.length]!
    answers.push(ask(url, headers, agent).then(() => performance.now() - dueMs))
  }
  const latencies = (await Promise.all(answers)).toSorted((a, b) => a - b)
  agent.destroy()
  const p99Ms = latencies[Math.floor(latencies.length * 0.99)]!
  return { p99Ms, answered: latencies.length }
}

function ask(url: string, headers: Asked['headers'], agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${url} answered ${answer.statusCode}`))
      answer.resume().on('end', resolve).on('error', reject)
    })
    request.on('error', reject)
  })
}
