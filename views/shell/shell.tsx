// The document around every page. All scripts stand in the head: htmx drops the head of an answer it
// swaps, and a script with a src inside swapped content would need a TrustedScriptURL. Live regions
// stand here and are filled later: a region that arrives filled is not announced.

import type { Child } from 'hono/jsx'
import { useAnswer } from '#views/parts/answer.ts'
import { Mark } from '#views/parts/icon.tsx'
import { Toast } from '#views/parts/notice.tsx'
import type { Crumb, Frame } from './frame.ts'
import { InstanceNotices } from './instance-notices.tsx'
import { Palette } from './palette.tsx'
import { Rail } from './rail.tsx'
import { TopBar } from './top-bar.tsx'

// prefix "": no data-hx-* aliases. Settle 0: otherwise htmx copies style attributes by setAttribute,
// which the policy reports. extensions: an allow list.
const HTMX_CONFIG = JSON.stringify({
  extensions: 'hx-csp,gate',
  prefix: '',
  includeIndicatorCSS: false,
  defaultSettleDelay: 0,
})

interface ShellProps {
  readonly title: string
  readonly crumbs: readonly Crumb[]
  readonly frame: Frame
  readonly children?: Child
}

/** For somebody signed in: rail, bar, page. */
export const Shell = ({ title, crumbs, frame, children }: ShellProps) => (
  <Document
    title={[title, frame.workspace?.name, 'Rulewright'].filter(Boolean).join(' · ')}
    signals={{ path: frame.paths.signals, after: frame.signalId }}
  >
    <a class="skip" href="#main">
      Skip to content
    </a>
    <div class="app">
      <Rail frame={frame} />
      <div class="page">
        <TopBar frame={frame} crumbs={crumbs} />
        <main class="main" id="main" tabindex={-1}>
          <Problem />
          <InstanceNotices state={frame.instance} />
          {children}
        </main>
      </div>
    </div>
    <Toasts notice={frame.notice} />
    <Palette path={frame.paths.find} />
  </Document>
)

/** For a stranger: one box in the middle of the page. */
export const Gate = (props: {
  title: string
  /** Where the documentation says why there is such a page. */
  why: string | null
  foot?: Child
  children?: Child
}) => (
  <Document title={`${props.title} · Rulewright`}>
    <main class="gate" id="main">
      <div class="gate-box">
        <p class="gate-brand">
          <Mark name="mark" class="mark c-accent" />
          Rulewright
        </p>
        <Problem />
        {props.children}
      </div>
      {props.foot && <p class="gate-foot muted small">{props.foot}</p>}
      {props.why !== null && (
        <p class="gate-foot small">
          <a class="why" href={props.why}>
            Why this page
          </a>
        </p>
      )}
    </main>
    <Toasts notice={null} />
  </Document>
)

/** For everybody: a text of the product's own, with the way back. */
export const Paper = (props: { title: string; children?: Child }) => (
  <Document title={`${props.title} · Rulewright`}>
    <a class="skip" href="#main">
      Skip to content
    </a>
    <header class="paper-head">
      <a class="gate-brand" href="/">
        <Mark name="mark" class="mark c-accent" />
        Rulewright
      </a>
    </header>
    <main class="paper" id="main" tabindex={-1}>
      <Problem />
      {props.children}
    </main>
    <Toasts notice={null} />
  </Document>
)

const Document = (props: {
  title: string
  signals?: { path: string; after: string }
  children?: Child
}) => {
  const { asset, nonce, now } = useAnswer()
  return (
    <html lang="en-GB">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content={HTMX_CONFIG} />
        <title>{props.title}</title>
        <link rel="icon" href={asset('favicon.svg')} type="image/svg+xml" />
        <link rel="stylesheet" href={asset('app.css')} />
        <script nonce={nonce} src={asset('theme.js')}></script>
        <script nonce={nonce} src={asset('htmx.js')} defer></script>
        <script nonce={nonce} src={asset('site.js')} type="module"></script>
      </head>
      <body
        data-served-at={now}
        data-signals={props.signals?.path}
        data-signal-id={props.signals?.after}
      >
        {props.children}
      </body>
    </html>
  )
}

/** Where a refusal to an htmx request is told. */
const Problem = () => <div class="problem" id="problem" role="alert"></div>

const Toasts = (props: { notice: string | null }) => (
  <div class="toasts" id="toasts" role="status" data-partials>
    {props.notice !== null && <Toast>{props.notice}</Toast>}
  </div>
)
