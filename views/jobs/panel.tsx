// Running jobs in the top bar: a count that lives, and a panel with a bar and a cancel for each. Both
// come from one fragment, fetched again whenever any job of this place changes.

import type { RunningJobs } from '#views/shell/frame.ts'
import { hxLive, Partial } from '#views/parts/hx.tsx'
import { Icon } from '#views/parts/icon.tsx'
import { JobCard } from './job-card.tsx'

export const JobsButton = (props: { count: number }) => (
  <button class="btn btn-quiet jobs-btn" type="button" popovertarget="jobs">
    <span class="row-s row-1" id="jobs-count" data-partials>
      <JobsCount count={props.count} />
    </span>
  </button>
)

const JobsCount = ({ count }: { count: number }) => (
  <>
    <Icon name={count > 0 ? 'loader-circle' : 'list-checks'} class={count > 0 ? 'spin' : ''} />
    <span class="vh">Running jobs: </span>
    <span class="jobs-n">{count}</span>
  </>
)

export const JobsPanel = ({ jobs, path }: { jobs: RunningJobs; path: string }) => {
  const hidden = jobs.runningCount - jobs.running.length
  return (
    <div id="jobs-panel" {...hxLive(`${path}/panel`, ['job'])}>
      <div class="panel-head">
        <h2>Jobs</h2>
        <span class="sub">{jobs.runningCount} running</span>
        <a class="push small" href={path}>
          All jobs
        </a>
      </div>
      {jobs.running.map((job) => (
        <JobCard job={job} path={path} mayCancel={jobs.mayCancel} place="panel" />
      ))}
      {hidden > 0 && <p class="panel-foot">and {hidden} more</p>}
      {jobs.recent.map((job) => (
        <JobCard job={job} path={path} mayCancel={false} place="panel" />
      ))}
      {jobs.runningCount === 0 && jobs.recent.length === 0 && (
        <p class="panel-body muted">Long work shows here while it runs.</p>
      )}
    </div>
  )
}

/** What the panel's signal fetches: the panel again, and the count beside it. */
export const JobsPanelFragment = (props: { jobs: RunningJobs; path: string }) => (
  <>
    <JobsPanel {...props} />
    <Partial target="#jobs-count" swap="innerHTML">
      <JobsCount count={props.jobs.runningCount} />
    </Partial>
  </>
)
