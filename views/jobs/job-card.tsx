// A job as a person follows it: what is done, how far, how long, and cancel. Its state is in the job,
// so a reload or another device shows the same. What holds a card fetches itself on the job's signal.

import type { Job, JobState } from '#platform/jobs/job.ts'
import { TONE_ICONS, type Tone } from '#views/parts/badge.tsx'
import { formatBytes, formatNumber, formatSpan } from '#views/parts/format.ts'
import { hx } from '#views/parts/hx.tsx'
import { Icon } from '#views/parts/icon.tsx'
import { Time } from '#views/parts/text.tsx'
import { useAnswer } from '#views/parts/answer.ts'

/** Where a card stands: keeps ids apart when one job is shown in several places. */
export const CARD_PLACES = ['panel', 'list', 'page'] as const
export type CardPlace = (typeof CARD_PLACES)[number]

interface JobProps {
  readonly job: Job
  /** Where jobs are: `/w/acme/jobs`. */
  readonly path: string
  readonly mayCancel: boolean
  readonly place: CardPlace
}

export function isRunning(job: Job): boolean {
  return job.state === 'queued' || job.state === 'leased'
}

export const jobCardId = (place: CardPlace, job: Job): string => `${place}-${job.id}`

export const JobCard = (props: JobProps) => {
  const { job, path, place } = props
  return (
    <article class="job" id={jobCardId(place, job)} aria-label={job.title}>
      <span class="job-title">
        {!isRunning(job) && <StateIcon state={job.state} />}
        {place === 'page' ? (
          <b>Progress</b>
        ) : (
          <a class="clip" href={`${path}/${job.id}`} title={job.title} dir="auto">
            {job.title}
          </a>
        )}
      </span>
      {isRunning(job) && props.mayCancel && !job.isCancelRequested ? (
        <CancelForm {...props} />
      ) : (
        <span></span>
      )}
      {isRunning(job) && <JobBar job={job} />}
      <p class="job-note">
        <span>{describeState(job)}</span>
        <JobWhen job={job} />
      </p>
    </article>
  )
}

const CancelForm = ({ job, path, place }: JobProps) => {
  const cardId = jobCardId(place, job)
  const action = `${path}/${job.id}/cancel`
  return (
    <form
      method="post"
      action={action}
      {...hx({ post: action, target: `#${cardId}`, swap: 'outerMorph' })}
    >
      <button class="btn btn-s" id={`cancel-${cardId}`} aria-label={`Cancel ${job.title}`}>
        Cancel
      </button>
    </form>
  )
}

/** Without a total the bar moves without an end: it never invents one. */
export const JobBar = ({ job }: { job: Job }) => {
  const { progress } = job
  const label = `Progress of ${job.title}`
  if (progress === null || progress.total === null) return <progress aria-label={label} />
  const shown = Math.min(progress.done, progress.total)
  return (
    <progress value={shown} max={Math.max(1, progress.total)} aria-label={label}>
      {formatProgress(job)}
    </progress>
  )
}

const JobWhen = ({ job }: { job: Job }) => {
  const { now } = useAnswer()
  if (job.endedAt !== null) return <Time at={job.endedAt} />
  if (job.state === 'queued' && job.runAt > now) {
    return (
      <span>
        tries again <Time at={job.runAt} />
      </span>
    )
  }
  return <span>{describeTimeLeft(job, now)}</span>
}

const ENDED: Readonly<Record<Exclude<JobState, 'queued' | 'leased'>, readonly [Tone, string]>> = {
  succeeded: ['ok', 'Done'],
  failed: ['bad', 'Failed'],
  cancelled: ['unknown', 'Cancelled'],
  unknown: ['unknown', 'Outcome unknown'],
}

/** Word and tone of a state, for badges. */
export function describeJobState(state: JobState): readonly [Tone, string] {
  if (state === 'queued') return ['unknown', 'Waiting']
  if (state === 'leased') return ['accent', 'Running']
  return ENDED[state]
}

const StateIcon = ({ state }: { state: JobState }) => {
  const [tone] = describeJobState(state)
  return (
    <span class="tone" data-tone={tone}>
      <Icon name={TONE_ICONS[tone]} size="s" />
    </span>
  )
}

/** One line: the state, how far, and what is being done. */
export function describeState(job: Job): string {
  if (!isRunning(job)) {
    const [, word] = describeJobState(job.state)
    return job.reason === null ? word : `${word}: ${job.reason}`
  }
  if (job.isCancelRequested) return 'Cancelling'
  if (job.state === 'queued') return job.attempt === 0 ? 'Waiting for its turn' : retryNote(job)
  const parts = [formatProgress(job), job.progress?.note ?? ''].filter((part) => part !== '')
  return parts.join(', ') || 'Running'
}

function retryNote(job: Job): string {
  return `Run ${job.attempt} of ${job.attemptsMax} did not finish`
}

/** `3 of 5 segments`, `18 204 rows`, `1.2 MB of 4 MB`; empty before the first report. */
export function formatProgress({ progress }: Job): string {
  if (progress === null) return ''
  const { done, total, unit } = progress
  const say = unit === 'bytes' ? formatBytes : formatNumber
  const words = total === null ? say(done) : `${say(done)} of ${say(total)}`
  return unit === 'bytes' ? words : `${words} ${unit}`
}

/** From the pace so far; unknown until there is one. */
function describeTimeLeft(job: Job, now: number): string {
  const { progress, startedAt } = job
  if (job.state !== 'leased' || startedAt === null) return ''
  if (progress === null || progress.total === null || progress.done === 0) {
    return 'time left unknown'
  }
  const left = ((now - startedAt) / progress.done) * (progress.total - progress.done)
  return left < 1_000 ? 'almost done' : `about ${formatSpan(left)} left`
}
