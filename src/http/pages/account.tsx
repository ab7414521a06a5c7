// `/account`: what a person sees and changes of themselves, whatever workspace they are in. What lets
// them in is in security.tsx.

import { z } from 'zod'
import {
  changeProfile,
  endOtherSessions,
  endOwnSession,
  getOwnUser,
  listOwnSessions,
} from '#domain/access/account.ts'
import { ProfileChange } from '#domain/access/input.ts'
import type { Sessions } from '#domain/access/sessions.ts'
import { markNoticesSeen, readNotices } from '#domain/messages/actions.ts'
import { describeNotice } from '#domain/messages/notice.ts'
import type { SessionId } from '#kernel/id.ts'
import {
  AppearancePage,
  EventsPage,
  ProfilePage,
  SessionsPage,
} from '#views/access/account-pages.tsx'
import type { FieldProblems } from '#views/parts/field.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { problemsByField, readForm } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'

export function accountRoutes(sessions: Sessions): readonly Route[] {
  const proved = { needsProof: true }
  return [
    pageRoute('GET', '/account', 'signed-in', (c) => showProfile(c)),
    pageRoute('POST', '/account', 'signed-in', saveProfile),
    pageRoute('GET', '/account/sessions', 'signed-in', (c) => showSessions(c, sessions)),
    pageRoute('POST', '/account/sessions/others', 'signed-in', endOthers, proved),
    pageRoute('POST', '/account/sessions/:id/end', 'signed-in', endOne, proved),
    pageRoute('GET', '/account/events', 'signed-in', showEvents),
    pageRoute('GET', '/account/appearance', 'signed-in', (c) =>
      page(c, { title: 'Appearance' }, <AppearancePage />),
    ),
  ]
}

interface Typed {
  readonly name: string
  readonly timeZone: string
}

async function showProfile(
  c: HttpContext,
  typed?: Typed,
  problems: FieldProblems = {},
): Promise<Response> {
  const user = await getOwnUser(c.var.house, callerOf(c))
  const roles = c.var.session!.person.memberships.map(({ name, role, flags }) => ({
    workspace: name,
    role: [role, ...flags].join(', '),
  }))
  const shown = {
    user,
    roles,
    typed: typed ?? { name: user.name, timeZone: user.timeZone ?? '' },
    problems,
  }
  const status = typed ? 422 : 200
  return page(c, { title: 'Profile', status }, <ProfilePage {...shown} />)
}

async function saveProfile(c: HttpContext): Promise<Response> {
  const shape = { name: z.string().max(1_000), timeZone: z.string().max(1_000) }
  const form = await readForm(c, z.strictObject(shape))
  const parsed = ProfileChange.safeParse(form)
  if (!parsed.success) {
    const names = { name: 'The name', timeZone: 'The time zone' }
    return showProfile(c, form, problemsByField(parsed.error, names))
  }
  await changeProfile(c.var.house, callerOf(c), parsed.data)
  return changed(c, { redirect: '/account', notice: 'Your profile is saved.' })
}

async function showSessions(c: HttpContext, sessions: Sessions): Promise<Response> {
  const own = await listOwnSessions(c.var.house, sessions, callerOf(c))
  const shown = { sessions: own, currentId: c.var.session!.id }
  return page(c, { title: 'Sessions and devices' }, <SessionsPage {...shown} />)
}

async function endOne(c: HttpContext): Promise<Response> {
  await endOwnSession(c.var.house, callerOf(c), c.req.param('id') as SessionId)
  return changed(c, { redirect: '/account/sessions', notice: 'The session is ended.' })
}

async function endOthers(c: HttpContext): Promise<Response> {
  await endOtherSessions(c.var.house, callerOf(c), c.var.session!)
  return changed(c, { redirect: '/account/sessions', notice: 'Every other session is ended.' })
}

async function showEvents(c: HttpContext): Promise<Response> {
  const { house, session } = c.var
  const caller = callerOf(c)
  const notices = await readNotices(house, caller, session!.userId)
  const events = notices.map(({ kind, data, at, seenAt }) => {
    return { what: describeNotice(kind, data), at, isNew: seenAt === null }
  })
  const answer = await page(c, { title: 'Security events' }, <EventsPage events={events} />)
  // A page that was looked at; asking for its head changes nothing.
  if (c.req.method === 'GET' && events.some(({ isNew }) => isNew)) {
    await markNoticesSeen(house, caller, session!.userId)
  }
  return answer
}
