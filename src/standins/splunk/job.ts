// Search jobs: what one is asked, how it comes along from poll to poll, and what it found. SPL runs in
// our own evaluator; a step here and there that only a server has is done beside it.

import type { Json } from '#kernel/json.ts'
import { hasErrors, type Problem } from '#kernel/problem.ts'
import type { Answer, EventRecord, Value } from '#languages/evaluation.ts'
import { evaluateSpl } from '#languages/spl/evaluate.ts'
import { parseSpl } from '#languages/spl/parse.ts'
import { maySearch, type Estate } from './estate.ts'
import { SplunkError, type Message } from './feed.ts'
import { secondsOf } from './time.ts'

export interface SplunkJob {
  readonly sid: string
  readonly search: string
  readonly owner: string
  readonly app: string
  readonly request: Readonly<Record<string, string>>
  state: 'QUEUED' | 'PARSING' | 'RUNNING' | 'PAUSED' | 'FINALIZING' | 'FAILED' | 'DONE'
  polls: number
  isZombie: boolean
  isFinalized: boolean
  messages: Message[]
  answer: Answer
  scanned: number
  /** When nobody can ask for it any more: counted from the last touch. */
  expiresAt: number
  ttl: number
}

const COUNT_DEFAULT = 10_000

/** Throws 400 with FATAL for what the parser refuses, 503 over the quota. */
export function createJob(
  estate: Estate,
  { user, app, form }: { user: string; app: string; form: URLSearchParams },
): SplunkJob {
  const search = form.get('search') ?? ''
  refuseUnparsable(search)
  const running = [...estate.jobs.values()].filter(
    ({ owner, state }) => owner === user && state !== 'DONE' && state !== 'FAILED',
  )
  if (running.length >= estate.jobsMax) {
    const text = `The maximum number of concurrent historical searches for this user has been reached. usage=${running.length} quota=${estate.jobsMax} user=${user}.`
    throw new SplunkError(503, text, 'FATAL')
  }
  const now = estate.clock.now()
  const sid = form.get('id') ?? `${Math.floor(now / 1_000)}.${++estate.serial}`
  if (estate.jobs.has(sid))
    throw new SplunkError(400, `Search job with sid ${sid} exists.`, 'FATAL')
  const ttl = Number(form.get('timeout') ?? 600)
  const job: SplunkJob = {
    sid,
    search,
    owner: user,
    app,
    request: Object.fromEntries(form),
    state: 'QUEUED',
    polls: 0,
    isZombie: false,
    isFinalized: false,
    messages: [],
    answer: { columns: [], rows: [] },
    scanned: 0,
    expiresAt: now + ttl * 1_000,
    ttl,
  }
  estate.jobs.set(sid, job)
  if (form.get('exec_mode') === 'blocking' || estate.pollsToDone === 0) finish(estate, job)
  return job
}

/** What the parser alone says of a search. Throws 400. */
export function refuseUnparsable(search: string): void {
  const [, first = search] = /^\s*([^\s|]*)/.exec(search) ?? []
  if (search.trim() === '') throw new SplunkError(400, 'Search is empty.', 'FATAL')
  if (!/^\s*(\||search\s)/i.test(search)) {
    throw new SplunkError(400, `Unknown search command '${first}'.`, 'FATAL')
  }
  const wrong = parseSpl(search).problems.find(({ severity }) => severity === 'error')
  if (wrong) throw new SplunkError(400, spoken(wrong), 'FATAL')
}

/** In splunkd's tone. */
function spoken({ code, message }: Problem): string {
  const [, name] = /“(.+?)”/.exec(message) ?? []
  if (code === 'spl/unknown-command') return `Unknown search command '${name}'.`
  return `Error in 'SearchParser': ${message}`
}

/** Finds a job that is still known; throws 404. */
export function findJob(estate: Estate, sid: string): SplunkJob {
  const job = estate.jobs.get(sid)
  const now = estate.clock.now()
  if (job === undefined || now > job.expiresAt) {
    estate.jobs.delete(sid)
    throw new SplunkError(404, 'Unknown sid.', 'FATAL')
  }
  job.expiresAt = now + job.ttl * 1_000
  return job
}

/** One poll nearer to its end. */
export function advance(estate: Estate, job: SplunkJob): void {
  if (job.state === 'DONE' || job.state === 'FAILED' || job.state === 'PAUSED') return
  job.polls++
  if (job.polls >= estate.pollsToDone) finish(estate, job)
  else job.state = job.polls === 1 ? 'PARSING' : 'RUNNING'
}

export function finish(estate: Estate, job: SplunkJob): void {
  const { answer, problems, scanned } = runSpl(estate, job.search, job.owner, job.request)
  job.scanned = scanned
  if (answer === undefined) {
    job.state = 'FAILED'
    job.messages.push(...problems.map(({ message }) => ({ type: 'FATAL' as const, text: message })))
    return
  }
  const countMax = Number(job.request['max_count'] ?? COUNT_DEFAULT)
  job.answer = { columns: answer.columns, rows: answer.rows.slice(0, countMax) }
  job.state = 'DONE'
}

interface Ran {
  readonly answer?: Answer
  readonly problems: readonly Problem[]
  readonly scanned: number
}

export function runSpl(
  estate: Estate,
  search: string,
  user: string,
  request: Readonly<Record<string, string>>,
): Ran {
  const now = estate.clock.now()
  const [from, to] = ['earliest_time', 'latest_time'].map((name) => secondsOf(request[name], now))
  const made =
    /^\s*\|\s*makeresults\s+format=json\s+data="((?:[^"\\]|\\.)*)"\s*(?:\|([\s\S]*))?$/.exec(search)
  const inTime = (at: number) => at >= (from ?? -Infinity) && at < (to ?? Infinity)
  const events = made
    ? eventsIn(made[1]!, now / 1_000)
    : estate.events.filter((event) => {
        const { index = 'main', _time: at = 0 } = event
        if (!maySearch(estate, user, String(index)) || !inTime(Number(at))) return false
        return !String(index).startsWith('_') || /\b_\w*/.test(search.replaceAll(/\b_time\b/g, ''))
      })
  const text = made ? (made[2] === undefined ? 'search *' : made[2].trimStart()) : search
  const [rest, summary] = splitSummary(text)
  const { value, problems } = evaluateSpl(rest, events, {
    now,
    macros: estate.macros,
    lookups: estate.lookups,
  })
  const scanned = events.length
  if (value === undefined || hasErrors(problems)) return { problems, scanned }
  return { answer: summary ? fieldSummary(value) : value, problems, scanned }
}

/** The rows that `makeresults format=json` makes: nested objects stay text. */
function eventsIn(data: string, now: number): readonly EventRecord[] {
  const list = JSON.parse(data.replaceAll(/\\(["\\])/g, '$1')) as Record<string, Json>[]
  return list.map((event) => {
    const members = Object.entries(event).map(([key, value]) => {
      const isNested = typeof value === 'object' && value !== null
      return [key, isNested ? JSON.stringify(value) : value] as const
    })
    return { _time: now, ...Object.fromEntries(members) }
  })
}

function splitSummary(text: string): readonly [string, boolean] {
  const match = /^([\s\S]*)\|\s*fieldsummary\b[^|]*(?:\|\s*fields [\w, ]+)?$/.exec(text)
  return match ? [match[1]!, true] : [text, false]
}

/** `fieldsummary`: one row a field, with how many of its values are numbers. */
function fieldSummary({ columns, rows }: Answer): Answer {
  const summed = columns.map((field) => {
    const values = rows.map((row) => row[field] ?? null).filter((value) => value !== null)
    const numbers = values.filter((value) => typeof value === 'number')
    return { field, count: values.length, numeric_count: numbers.length }
  })
  return { columns: ['field', 'count', 'numeric_count'], rows: summed }
}

/** Values as splunkd writes them: text, and lists of it. Undefined is a field that is not there. */
export function wireValue(name: string, value: Value | undefined): string | string[] | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'object') return value.map(String)
  if (name === '_time' && typeof value === 'number') {
    return new Date(Math.round(value * 1_000)).toISOString().replace('Z', '+00:00')
  }
  return String(value)
}
