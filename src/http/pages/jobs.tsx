// Jobs of a workspace, and of the instance: the list, one job, its cancel, and the panel in the top bar.
// A part that htmx asks for alone is the page's own component.

import { z } from 'zod'
import { cancelJob, ENDED_STATES, getJob, listJobs, RUNNING_STATES } from '#domain/jobs/actions.ts'
import { namesOf } from '#domain/access/names.ts'
import { can } from '#domain/access/permission.ts'
import { BULK_JOB } from '#domain/rules/bulk/change.ts'
import { forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, isId, type JobId } from '#kernel/id.ts'
import type { Job } from '#platform/jobs/job.ts'
import { CARD_PLACES, JobCard, jobCardId } from '#views/jobs/job-card.tsx'
import { JobPage } from '#views/jobs/job-page.tsx'
import { JobsList, JobsPage, type JobsShown, type JobsView } from '#views/jobs/jobs-page.tsx'
import { JobsPanelFragment } from '#views/jobs/panel.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { loadRunningJobs, placeOf } from '#http/frame.ts'
import { readQuery } from '#http/input.ts'
import { changed, fragment, page, wantsOnly } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'

const PAGE_ROWS = 50

export function jobRoutes(): readonly Route[] {
  return ['/w/:slug/jobs', '/instance/jobs'].flatMap((path) => [
    pageRoute('GET', path, 'job.read', showJobs),
    pageRoute('GET', `${path}/panel`, 'job.read', showPanel),
    pageRoute('GET', `${path}/:id`, 'job.read', showJob),
    pageRoute('POST', `${path}/:id/cancel`, 'job.cancel', cancel),
  ])
}

const Query = z.object({
  show: z.enum(['all', 'running', 'failed']).catch('all'),
  after: z
    .string()
    .refine((id): id is JobId => isId(ID_PREFIXES.job, id))
    .optional()
    .catch(undefined),
})

const STATES = {
  all: [...RUNNING_STATES, ...ENDED_STATES],
  running: RUNNING_STATES,
  failed: ['failed', 'unknown'],
} as const satisfies Record<JobsView, readonly Job['state'][]>

async function showJobs(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const { show, after } = readQuery(c, Query)
  // One more than shown tells whether there is a next page.
  const found = await listJobs(c.var.house, caller, {
    states: STATES[show],
    limit: PAGE_ROWS + 1,
    ...(after && { after }),
  })
  const shown: JobsShown = {
    path: pathOf(c),
    view: show,
    after: after ?? null,
    jobs: found.slice(0, PAGE_ROWS),
    hasMore: found.length > PAGE_ROWS,
    mayCancel: can(caller, 'job.cancel'),
  }
  if (wantsOnly(c, 'jobs-list')) return fragment(c, <JobsList shown={shown} />)
  return page(c, { title: 'Jobs' }, <JobsPage shown={shown} />)
}

async function showPanel(c: HttpContext): Promise<Response> {
  const jobs = await loadRunningJobs(c, callerOf(c))
  return fragment(c, <JobsPanelFragment jobs={jobs} path={pathOf(c)} />)
}

async function showJob(c: HttpContext): Promise<Response> {
  const job = await getJob(c.var.house, callerOf(c), jobIdOf(c))
  const props = {
    job,
    names: await namesOf(c.var.house, callerOf(c), [job.createdBy]),
    path: pathOf(c),
    mayCancel: can(callerOf(c), 'job.cancel'),
    results: job.kind === BULK_JOB ? `${placeOf(c)}/rules/bulk/${job.id}` : null,
  }
  if (wantsOnly(c, 'job')) return fragment(c, <JobPage {...props} />)
  const trail = [{ label: 'Jobs', href: pathOf(c) }]
  return page(c, { title: job.title, trail }, <JobPage {...props} />)
}

async function cancel(c: HttpContext): Promise<Response> {
  const job = await cancelJob(c.var.house, callerOf(c), jobIdOf(c))
  const path = pathOf(c)
  const place = CARD_PLACES.find((one) => wantsOnly(c, jobCardId(one, job))) ?? 'page'
  return changed(c, {
    fragment: <JobCard job={job} path={path} mayCancel place={place} />,
    redirect: `${path}/${job.id}`,
    notice: job.state === 'cancelled' ? 'Cancelled.' : 'Cancelling.',
  })
}

const pathOf = (c: HttpContext): string => `${placeOf(c)}/jobs`

/** An id that is none is answered like one that is not there. */
function jobIdOf(c: HttpContext): JobId {
  const id = c.req.param('id')
  if (!isId(ID_PREFIXES.job, id)) throw forbidden()
  return id
}
