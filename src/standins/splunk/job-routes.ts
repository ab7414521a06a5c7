// Search jobs over HTTP: `search/jobs`, whose results are read, and from 9.0.1 on `search/v2/jobs`, whose
// results are asked for with a form.

import type { Json } from '#kernel/json.ts'
import { capabilitiesOf, type Estate } from './estate.ts'
import { feed, SplunkError, type FeedEntry, type Message } from './feed.ts'
import {
  advance,
  createJob,
  findJob,
  finish,
  refuseUnparsable,
  runSpl,
  wireValue,
  type SplunkJob,
} from './job.ts'
import type { Asking, SplunkRoute } from './splunk.ts'

export const jobRoutes: readonly SplunkRoute[] = [
  ['POST', /^\/search\/(v2\/)?jobs$/, create],
  ['GET', /^\/search\/(v2\/)?jobs\/([^/]+)$/, poll],
  ['DELETE', /^\/search\/(v2\/)?jobs\/([^/]+)$/, (asking, v2, sid) => cancel(asking, v2, sid)],
  ['POST', /^\/search\/(v2\/)?jobs\/([^/]+)\/control$/, control],
  ['GET', /^\/search\/(v2\/)?jobs\/([^/]+)\/(results|results_preview|events)$/, results],
  ['POST', /^\/search\/(v2\/)jobs\/([^/]+)\/(results|results_preview|events)$/, results],
  ['POST', /^\/search\/(v2\/)?jobs\/export$/, exportRows],
  ['GET', /^\/search\/(v2\/)?parser$/, parse],
  ['POST', /^\/search\/(v2\/)?parser$/, parse],
]

function knowVersion(estate: Estate, v2: string): void {
  const [major = 0, minor = 0, patch = 0] = estate.version.split('.').map(Number)
  const hasV2 = major > 9 || (major === 9 && (minor > 0 || patch >= 1))
  if (v2 !== '' && !hasV2) {
    throw new SplunkError(404, 'Not Found')
  }
}

function create(asking: Asking, v2 = ''): Response {
  const { estate, user, app, form, query } = asking
  knowVersion(estate, v2)
  if (!capabilitiesOf(estate, user).includes('search')) {
    throw new SplunkError(
      403,
      `User '${user}' lacks the capability search: insufficient permission`,
    )
  }
  if (form.get('exec_mode') !== 'oneshot') {
    const { sid } = createJob(estate, { user, app, form })
    return Response.json({ sid }, { status: 201 })
  }
  const search = form.get('search') ?? ''
  refuseUnparsable(search)
  const { answer, problems } = runSpl(estate, search, user, Object.fromEntries(form))
  if (answer === undefined) throw new SplunkError(400, problems[0]?.message ?? '', 'FATAL')
  const mode = form.get('output_mode') ?? query.get('output_mode')
  const rows = { offset: 0, count: Number(form.get('count') ?? 100), mode }
  return Response.json(rowsBody({ answer, messages: [] }, rows, estate.resultRowsMax))
}

function poll({ estate, path }: Asking, v2 = '', sid = ''): Response {
  knowVersion(estate, v2)
  const job = findJob(estate, sid)
  advance(estate, job)
  return Response.json(feed(estate, path, [jobEntry(job)]))
}

function jobEntry(job: SplunkJob): FeedEntry {
  const isDone = job.state === 'DONE' || job.state === 'FAILED'
  return {
    name: job.search,
    path: `/services/search/jobs/${job.sid}`,
    author: job.owner,
    content: {
      sid: job.sid,
      dispatchState: job.state,
      doneProgress: isDone ? 1 : Math.min(0.9, job.polls / 10),
      isDone: job.state === 'DONE',
      isFailed: job.state === 'FAILED',
      isFinalized: job.isFinalized,
      isPaused: job.state === 'PAUSED',
      isZombie: job.isZombie,
      isSaved: false,
      isPreviewEnabled: true,
      scanCount: job.scanned,
      eventCount: job.scanned,
      resultCount: isDone ? job.answer.rows.length : 0,
      resultPreviewCount: job.answer.rows.length,
      runDuration: job.polls / 2,
      ttl: job.ttl,
      diskUsage: 4_096,
      messages: job.messages.map(({ type, text }) => ({ type, text })),
      request: { ...job.request },
    },
  }
}

function cancel({ estate }: Asking, v2 = '', sid = ''): Response {
  knowVersion(estate, v2)
  findJob(estate, sid)
  estate.jobs.delete(sid)
  return said('Search job cancelled.')
}

function control(asking: Asking, v2 = '', sid = ''): Response {
  const { estate, form } = asking
  const job = findJob(estate, sid)
  switch (form.get('action')) {
    case 'cancel':
      return cancel(asking, v2, sid)
    case 'finalize':
      finish(estate, job)
      job.isFinalized = true
      return said('Search job finalized.')
    case 'pause':
      job.state = 'PAUSED'
      return said('Search job paused.')
    case 'unpause':
      job.state = 'RUNNING'
      return said('Search job unpaused.')
    case 'setttl':
      job.ttl = Number(form.get('ttl'))
      return said('Search job ttl was set.')
    case 'touch':
    case 'enablepreview':
    case 'disablepreview':
      return said('Search job was changed.')
    default:
      throw new SplunkError(400, `Invalid control action: ${form.get('action')}`, 'FATAL')
  }
}

function said(text: string): Response {
  return Response.json({ messages: [{ type: 'INFO', text }] })
}

function results(asking: Asking, v2 = '', sid = '', what = ''): Response {
  const { estate, query, form } = asking
  knowVersion(estate, v2)
  const job = findJob(estate, sid)
  const isPreview = what === 'results_preview'
  if (job.state !== 'DONE' && !isPreview) return new Response(null, { status: 204 })
  const asked = new URLSearchParams([...form, ...query])
  const rows = {
    offset: Number(asked.get('offset') ?? 0),
    count: Number(asked.get('count') ?? 100),
    mode: asked.get('output_mode'),
    isPreview: isPreview && job.state !== 'DONE',
  }
  return Response.json(rowsBody(job, rows, estate.resultRowsMax))
}

interface Asked {
  readonly offset: number
  readonly count: number
  readonly mode: string | null
  readonly isPreview?: boolean
}

function rowsBody(
  { answer, messages }: Pick<SplunkJob, 'answer' | 'messages'>,
  { offset, count, mode, isPreview = false }: Asked,
  rowsMax: number,
): Json {
  const length = Math.min(count <= 0 ? rowsMax : count, rowsMax)
  const rows = answer.rows.slice(offset, offset + length)
  const columns = answer.columns
  const head = { preview: isPreview, init_offset: offset, messages: messages.map(plain) }
  const cell = (row: (typeof rows)[number], name: string) => wireValue(name, row[name])
  if (mode === 'json_rows') {
    const cells = rows.map((row) => columns.map((name) => cell(row, name) ?? null))
    return { ...head, fields: columns, rows: cells }
  }
  if (mode === 'json_cols') {
    const cells = columns.map((name) => rows.map((row) => cell(row, name) ?? null))
    return { ...head, fields: columns, columns: cells }
  }
  const objects = rows.map((row) =>
    Object.fromEntries(
      columns.flatMap((name) => {
        const value = cell(row, name)
        return value === undefined ? [] : [[name, value]]
      }),
    ),
  )
  return { ...head, fields: columns.map((name) => ({ name })), results: objects, highlighted: {} }
}

function plain({ type, text }: Message): Json {
  return { type, text }
}

/** One JSON object a line, the last marked. */
function exportRows({ estate, user, form }: Asking): Response {
  const search = form.get('search') ?? ''
  refuseUnparsable(search)
  const { answer, problems } = runSpl(estate, search, user, Object.fromEntries(form))
  if (answer === undefined) throw new SplunkError(400, problems[0]?.message ?? '', 'FATAL')
  const lines = answer.rows.map((row, offset) => {
    const result = Object.fromEntries(
      answer.columns.flatMap((name) => {
        const value = wireValue(name, row[name])
        return value === undefined ? [] : [[name, value]]
      }),
    )
    const isLast = offset === answer.rows.length - 1
    return JSON.stringify({ preview: false, offset, ...(isLast && { lastrow: true }), result })
  })
  if (lines.length === 0) lines.push(JSON.stringify({ preview: false, lastrow: true }))
  return new Response(`${lines.join('\n')}\n`, { headers: { 'content-type': 'application/json' } })
}

function parse({ estate, query, form }: Asking, v2 = ''): Response {
  knowVersion(estate, v2)
  const text = form.get('q') ?? query.get('q') ?? ''
  refuseUnparsable(text)
  const [, first = 'search'] = /^\s*\|?\s*(\w+)/.exec(text) ?? []
  return Response.json({
    remoteSearch: text,
    remoteTimeOrdered: true,
    commands: [{ command: first }],
  })
}
