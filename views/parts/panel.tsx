// What a page is laid out in: its head, panels, facts, figures, tabs.

import type { Child } from 'hono/jsx'
import { classes, Icon } from './icon.tsx'
import type { IconName } from './icons.ts'

/** Title, state beside it, one primary action, and the facts under them. */
export const Head = (props: {
  title: string
  badge?: Child
  actions?: Child
  meta?: readonly Child[]
}) => (
  <header class="head">
    <div class="head-line">
      <h1 dir="auto">{props.title}</h1>
      {props.badge}
      {props.actions && <div class="actions">{props.actions}</div>}
    </div>
    {props.meta && (
      <div class="meta">
        {props.meta.map((fact) => (
          <span>{fact}</span>
        ))}
      </div>
    )}
  </header>
)

export const Panel = (props: {
  title?: string
  sub?: Child
  action?: Child
  foot?: Child
  id?: string
  class?: string
  children?: Child
}) => {
  const headingId = props.id && props.title ? `${props.id}-title` : undefined
  return (
    <section class={classes('panel', props.class)} id={props.id} aria-labelledby={headingId}>
      {props.title && (
        <div class="panel-head">
          <h2 id={headingId}>{props.title}</h2>
          {props.sub && <span class="sub">{props.sub}</span>}
          {props.action && <span class="push">{props.action}</span>}
        </div>
      )}
      {props.children}
      {props.foot && <div class="panel-foot">{props.foot}</div>}
    </section>
  )
}

export const PanelBody = (props: { children?: Child }) => (
  <div class="panel-body">{props.children}</div>
)

export type Fact = readonly [term: string, value: Child]

/** Terms and values in two columns; an absent value is left out by the caller, never shown empty. */
export const Facts = (props: { facts: readonly Fact[] }) => (
  <dl class="facts">
    {props.facts.map(([term, value]) => (
      <>
        <dt>{term}</dt>
        <dd>{value}</dd>
      </>
    ))}
  </dl>
)

export interface Figure {
  readonly label: string
  readonly value: Child
  /** Small words after the value: `of 640`. */
  readonly unit?: Child
  readonly note?: Child
  readonly href?: string
}

/** Large numbers in a row. Each carries its note: of how many, in which window. */
export const Figures = (props: { figures: readonly Figure[]; label: string }) => (
  <div class={`figures figures-${props.figures.length}`} role="group" aria-label={props.label}>
    {props.figures.map(({ href, ...figure }) =>
      href === undefined ? (
        <div>
          <FigureParts {...figure} />
        </div>
      ) : (
        <a href={href}>
          <FigureParts {...figure} />
        </a>
      ),
    )}
  </div>
)

const FigureParts = (figure: Figure) => (
  <>
    <span class="label">{figure.label}</span>
    <span class="value">
      {figure.value}
      {figure.unit && <small>{figure.unit}</small>}
    </span>
    {figure.note && <span class="note">{figure.note}</span>}
  </>
)

export interface Tab {
  readonly href: string
  readonly label: string
  readonly icon?: IconName
  readonly isCurrent?: boolean
}

/** Tabs are links: each face of a noun has its own address. */
export const Tabs = (props: { label: string; tabs: readonly Tab[] }) => (
  <nav class="tabs" aria-label={props.label}>
    {props.tabs.map((tab) => (
      <a href={tab.href} aria-current={tab.isCurrent ? 'page' : undefined}>
        {tab.icon && <Icon name={tab.icon} />}
        {tab.label}
      </a>
    ))}
  </nav>
)
