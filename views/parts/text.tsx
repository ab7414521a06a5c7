// Words and values inside text: times, numbers, sizes, unknowns, code, and what somebody else wrote.

import type { Child } from 'hono/jsx'
import type { Instant } from '#kernel/time.ts'
import { useAnswer } from './answer.ts'
import { formatBytes, formatExact, formatNumber, formatRelative } from './format.ts'
import { Icon } from './icon.tsx'

/** Relative words; exact UTC on hover, and local time beside it once the script has run. */
export const Time = (props: { at: Instant; class?: string }) => (
  <time
    datetime={new Date(props.at).toISOString()}
    title={formatExact(props.at)}
    class={props.class}
    data-relative
  >
    {formatRelative(props.at, useAnswer().now)}
  </time>
)

/** A time in the caller's own words, as `14:22:18` in a list that is grouped by day. */
export const ExactTime = (props: { at: Instant; class?: string; children?: Child }) => (
  <time
    datetime={new Date(props.at).toISOString()}
    title={formatExact(props.at)}
    class={props.class}
  >
    {props.children ?? formatExact(props.at)}
  </time>
)

export const Num = (props: { value: number }) => <>{formatNumber(props.value)}</>

export const Bytes = (props: { value: number }) => <>{formatBytes(props.value)}</>

/** The honest word where nothing is known: never 0, never empty. */
export const Unknown = (props: { children?: Child }) => (
  <span class="muted">{props.children ?? 'unknown'}</span>
)

/** Text that a person or a target wrote: its own direction, and never wider than its place. */
export const Foreign = (props: { text: string; class?: string }) => (
  <bdi dir="auto" class={props.class} title={props.text}>
    {props.text}
  </bdi>
)

/** A block of code without line numbers; `label` names the region for a screen reader. */
export const Code = (props: { label: string; text: string }) => (
  <pre class="code code-plain" tabindex={0} role="region" aria-label={props.label}>
    <code>
      {props.text.split('\n').map((line) => (
        <span class="ln">{line}</span>
      ))}
    </code>
  </pre>
)

/** Under its name, for what is copied to somewhere else. */
export const NamedCode = (props: { label: string; text: string }) => (
  <div>
    <h3>{props.label}</h3>
    <Code {...props} />
  </div>
)

/** A link that somebody else wrote: only http and https become one, everything else stays text. */
export const ExternalLink = (props: { url: string }) => {
  const isWeb = /^https?:\/\//i.test(props.url) && URL.canParse(props.url)
  return isWeb ? (
    <a class="external" href={props.url} rel="noopener noreferrer" target="_blank">
      {props.url}
      <Icon name="external-link" size="s" />
      <span class="vh"> (opens in a new tab)</span>
    </a>
  ) : (
    <span>{props.url}</span>
  )
}

/** A block of code with its lines numbered; long lines scroll, or wrap where asked to. */
export const NumberedCode = (props: { label: string; text: string; isWrapped?: boolean }) => (
  <pre
    class={props.isWrapped ? 'code code-wrap' : 'code'}
    tabindex={0}
    role="region"
    aria-label={props.label}
  >
    <code>
      {props.text.split('\n').map((line) => (
        <span class="ln">{line}</span>
      ))}
    </code>
  </pre>
)
