// `/w/{slug}/events`: the sandbox of a workspace. Files are written to the disk as they arrive, and a
// job reads them.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import {
  deleteEvents,
  listEvents,
  receiveEvents,
  receiveSamples,
  showSandbox,
} from '#domain/events/actions.ts'
import { LogSourceInput } from '#domain/events/input.ts'
import { AppError } from '#kernel/error.ts'
import { EVENT_UPLOAD_BYTES_MAX } from '#kernel/limits.ts'
import { instant, INSTANT_MAX } from '#kernel/time.ts'
import { EventsPage, Shown } from '#views/events/events-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { checkInput, readQuery } from '#http/input.ts'
import { readParts, textOfPart } from '#http/multipart.ts'
import { changed, fragment, page, wantsOnly } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/events'

export function eventRoutes(): readonly Route[] {
  const large = { bodyBytesMax: EVENT_UPLOAD_BYTES_MAX }
  return [
    pageRoute('GET', ROOT, 'event.read', (c) => showEvents(c)),
    pageRoute('POST', `${ROOT}/imports`, 'event.write', bring, large),
    pageRoute('POST', `${ROOT}/samples`, 'event.write', bringSamples),
    pageRoute('POST', `${ROOT}/deletion`, 'event.write', deleteAll),
  ]
}

const rootOf = (c: HttpContext) => `${placeOf(c)}/events`

const Query = z.object({
  q: z.string().max(500).catch('').default(''),
  field: z.string().max(200).catch('').default(''),
  cursor: z.string().max(30).optional().catch(undefined),
})

const EVENTS_SHOWN = 30

async function showEvents(c: HttpContext, refusal: string | null = null): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { q: text, field, cursor } = readQuery(c, Query)
  const shown = await showSandbox(house, caller)
  const found = await listEvents(house, caller, {
    from: instant(0),
    to: INSTANT_MAX,
    ...(text !== '' && { text }),
    ...(field !== '' && { field }),
    cursor,
    limit: EVENTS_SHOWN,
  })
  const props = {
    ...shown,
    ...found,
    path: rootOf(c),
    isFirst: cursor === undefined,
    search: { text, field },
    mayWrite: can(caller, 'event.write'),
    refusal,
  }
  if (wantsOnly(c, 'sandbox')) return fragment(c, <Shown {...props} />)
  const status = refusal === null ? 200 : 422
  return page(c, { title: 'Sandbox', status }, <EventsPage {...props} />)
}

/** The log source stands before the files, so it is known when they come. */
async function bring(c: HttpContext): Promise<Response> {
  try {
    const count = await receiveAll(c)
    const notice = count === 1 ? 'The file is being read.' : `${count} files are being read.`
    return changed(c, { redirect: rootOf(c), notice })
  } catch (error) {
    const isTold = error instanceof AppError && ['invalid', 'storage_full'].includes(error.code)
    if (!isTold) throw error
    return showEvents(c, error.message)
  }
}

async function receiveAll(c: HttpContext): Promise<number> {
  let [count, logSource] = [0, '']
  for await (const part of readParts(c)) {
    if (part.name === 'logSource') {
      const given = { logSource: await textOfPart(part) }
      logSource = checkInput(z.strictObject({ logSource: LogSourceInput }), given).logSource
    } else if (part.name === 'files' && part.fileName !== undefined && part.fileName !== '') {
      const { fileName: name, chunks } = part
      await receiveEvents(c.var.house, callerOf(c), { name, logSource, chunks })
      count++
    }
  }
  if (count === 0) throw new AppError('invalid', 'Nothing was sent. Choose a file.')
  return count
}

async function bringSamples(c: HttpContext): Promise<Response> {
  await receiveSamples(c.var.house, callerOf(c))
  return changed(c, { redirect: rootOf(c), notice: 'The sample events are being read.' })
}

async function deleteAll(c: HttpContext): Promise<Response> {
  await deleteEvents(c.var.house, callerOf(c))
  return changed(c, { redirect: rootOf(c), notice: 'All events are deleted.' })
}
