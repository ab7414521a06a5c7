// Refusals and failures as pages: what happened, what it means, what to do, and the reference that finds
// it in the log. A page for a status that needs more words than its message has them here.

import type { Child } from 'hono/jsx'
import { LinkButton } from '#views/parts/button.tsx'
import { Facts } from '#views/parts/panel.tsx'
import { Notice } from '#views/parts/notice.tsx'

/** What a door says of a failure; http/error.ts makes it. */
export interface ShownRefusal {
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly problems?: readonly { readonly message: string }[]
}

interface ErrorProps {
  readonly refusal: ShownRefusal
  readonly requestId: string
}

interface PageProps extends ErrorProps {
  /** The path where one signs in and comes back here. */
  readonly signIn: string
}

interface Words {
  readonly title: string
  readonly steps: readonly Child[]
}

const WORDS: Readonly<Record<number, Words>> = {
  401: {
    title: 'Sign in first',
    steps: ['Your session may have ended. After signing in you come back to this page.'],
  },
  403: {
    title: 'This is not here, or not for you',
    steps: [
      'Check the link. It may belong to another workspace.',
      'An admin of its workspace can give you access. Send them the reference below.',
    ],
  },
  404: {
    title: 'There is no such page',
    steps: ['Check the address. Pages of a workspace begin with /w/ and its short name.'],
  },
  413: {
    title: 'That is too large',
    steps: ['Send less at once, or use an import: it takes up to 64 MB.'],
  },
  421: {
    title: 'This address is not served here',
    steps: [
      'Open the address you were given, by the same name.',
      <>
        If you run this instance, add the name to <code>public_urls</code> under{' '}
        <code>[server]</code>.
      </>,
    ],
  },
  500: {
    title: 'Something went wrong',
    steps: [
      'Nothing of this request was stored.',
      'Try again. If it stays, send the reference to whoever runs this instance: it finds the log line.',
    ],
  },
  503: { title: 'Busy right now', steps: ['Wait a moment, then try again.'] },
  507: {
    title: 'The disk takes no more data',
    steps: [
      'Reading works; nothing that was stored is lost.',
      'Free space on the disk of the data directory. Writing goes on by itself after that.',
    ],
  },
}

// For 403 the reason why it says no more; for the rest the message itself.
const WHY_403 =
  'Rulewright gives the same answer for something that does not exist and for something you may not see, so that a link cannot be used to find out which.'

export const RefusalPage = ({ refusal, requestId, signIn }: PageProps) => {
  const words = WORDS[refusal.status]
  return (
    <div class="err">
      <p class="err-code mono">{refusal.status}</p>
      <h1>{words?.title ?? refusal.title}</h1>
      <p class="muted">{refusal.status === 403 ? WHY_403 : refusal.detail}</p>
      <ErrorSteps steps={words?.steps ?? []} problems={refusal.problems ?? []} />
      <div class="row">
        {refusal.status === 401 && (
          <LinkButton href={signIn} kind="primary" icon="log-in">
            Sign in
          </LinkButton>
        )}
        <LinkButton href="/" {...(refusal.status !== 401 && { kind: 'primary' })}>
          Go to the start
        </LinkButton>
      </div>
      <div class="err-ref">
        <Facts facts={[['Reference', <span class="mono">{requestId}</span>]]} />
      </div>
    </div>
  )
}

const ErrorSteps = (props: {
  steps: readonly Child[]
  problems: readonly { readonly message: string }[]
}) => {
  const lines = [...props.problems.map((problem) => problem.message), ...props.steps]
  if (lines.length === 0) return <></>
  return (
    <ul class="err-do">
      {lines.map((line) => (
        <li>{line}</li>
      ))}
    </ul>
  )
}

/** For the page's alert, when an htmx request was refused. */
export const RefusalNotice = ({ refusal, requestId }: ErrorProps) => (
  <Notice tone={refusal.status >= 500 ? 'bad' : 'warn'} title={`${refusal.title}.`}>
    {refusal.detail}
    {refusal.status >= 500 && (
      <span class="muted small">
        {' '}
        Reference <span class="mono">{requestId}</span>
      </span>
    )}
  </Notice>
)
