// The list of jobs. It fetches itself again when any job of this place changes.

import type { Job } from '#platform/jobs/job.ts'
import { hxLive } from '#views/parts/hx.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Head, Tabs } from '#views/parts/panel.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { Pager } from '#views/parts/table.tsx'
import { count } from '#views/parts/format.ts'
import { JobCard } from './job-card.tsx'

export type JobsView = 'all' | 'running' | 'failed'

export interface JobsShown {
  readonly path: string
  readonly view: JobsView
  /** Where this page begins; null for the newest. */
  readonly after: string | null
  readonly jobs: readonly Job[]
  readonly hasMore: boolean
  readonly mayCancel: boolean
}

const VIEWS = [
  ['all', 'All'],
  ['running', 'Running'],
  ['failed', 'Failed or unknown'],
] as const

export const JobsPage = ({ shown }: { shown: JobsShown }) => (
  <>
    <Head title="Jobs" meta={['Long work: it goes on when this page is closed']} />
    <Tabs
      label="Which jobs"
      tabs={VIEWS.map(([view, label]) => ({
        label,
        href: jobsUrl(shown.path, view),
        isCurrent: view === shown.view,
      }))}
    />
    <JobsList shown={shown} />
  </>
)

export const JobsList = ({ shown }: { shown: JobsShown }) => (
  <div class="panel" id="jobs-list" {...hxLive(urlOf(shown, shown.after), ['job'])}>
    {shown.jobs.map((job) => (
      <JobCard job={job} path={shown.path} mayCancel={shown.mayCancel} place="list" />
    ))}
    {shown.jobs.length === 0 ? (
      <NoJobs shown={shown} />
    ) : (
      <Pager
        shown={`${count(shown.jobs.length, 'job')}${shown.after === null ? ', newest first' : ''}`}
        first={shown.after === null ? null : urlOf(shown, null)}
        next={shown.hasMore ? urlOf(shown, shown.jobs.at(-1)!.id) : null}
      />
    )}
  </div>
)

const NoJobs = ({ shown }: { shown: JobsShown }) =>
  shown.view === 'all' ? (
    <Empty icon="list-checks" title="No jobs yet">
      Backups, searches and deployments run as jobs and are listed here, with how far they are and
      how they ended.
    </Empty>
  ) : (
    <Empty
      icon="list-checks"
      title={shown.view === 'running' ? 'Nothing runs right now' : 'No job failed'}
      actions={<LinkButton href={shown.path}>Show all jobs</LinkButton>}
    >
      {shown.view === 'running'
        ? 'A job shows here from the moment it is asked for until it ends.'
        : 'Jobs that failed, or whose outcome nobody knows, stay here for a year.'}
    </Empty>
  )

const urlOf = (shown: JobsShown, after: string | null): string =>
  jobsUrl(shown.path, shown.view, after)

function jobsUrl(path: string, view: JobsView, after: string | null = null): string {
  const query = new URLSearchParams()
  if (view !== 'all') query.set('show', view)
  if (after !== null) query.set('after', after)
  return query.size === 0 ? path : `${path}?${query.toString()}`
}
