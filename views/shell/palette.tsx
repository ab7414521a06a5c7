// The command palette: one box that finds pages and acts. Results are rendered by the server and are
// plain links and forms; the same list stands on a page of its own for a browser without script.

import { hx } from '#views/parts/hx.tsx'
import { Kbd } from '#views/parts/button.tsx'
import { Icon } from '#views/parts/icon.tsx'
import type { IconName } from '#views/parts/icons.ts'

export interface FindResult {
  readonly group: string
  readonly label: string
  readonly note?: string
  readonly icon: IconName
  readonly keys?: string
  /** Where it leads; with `isAct` the path that the act is posted to. */
  readonly href: string
  readonly isAct?: boolean
}

export const Palette = ({ path }: { path: string }) => (
  <dialog class="palette" id="palette" aria-label="Search and commands">
    <FindForm path={path} q="" />
    <div id="palette-results"></div>
  </dialog>
)

// No type=search: there Escape would empty the box first, and only then close the palette.
// The form loads its first results when the dialog opens: the script tells it by `palette:open`.
const FindForm = (props: { path: string; q: string }) => (
  <form
    action={props.path}
    method="get"
    role="search"
    {...hx({
      get: props.path,
      target: '#palette-results',
      swap: 'innerHTML',
      trigger: 'input delay:80ms, palette:open',
      sync: 'this:replace',
    })}
  >
    <div class="palette-q">
      <Icon name="search" />
      <input
        class="palette-in"
        role="searchbox"
        name="q"
        maxlength={200}
        autocomplete="off"
        autofocus
        aria-label="Search or command"
        placeholder="Search or run a command"
        value={props.q}
      />
      <Kbd>Esc</Kbd>
    </div>
  </form>
)

export const FindPage = (props: { path: string; q: string; results: readonly FindResult[] }) => (
  <div class="stack find-page">
    <h1>Search</h1>
    <form class="row" action={props.path} method="get" role="search">
      <input
        class="input filter-q"
        type="search"
        name="q"
        maxlength={200}
        aria-label="Search or command"
        value={props.q}
        autofocus
      />
      <button class="btn">Search</button>
    </form>
    <div class="panel">
      <FindResults q={props.q} results={props.results} />
    </div>
  </div>
)

export const FindResults = (props: { q: string; results: readonly FindResult[] }) => {
  const groups = Map.groupBy(props.results, (result) => result.group)
  return (
    <div class="menu-list results" data-q={props.q}>
      {[...groups].map(([group, results]) => (
        <>
          <p class="section-label">{group}</p>
          {results.map((result) => (
            <Result result={result} />
          ))}
        </>
      ))}
      {props.results.length === 0 && (
        <p class="none" role="status">
          Nothing is called “{props.q}”.
        </p>
      )}
    </div>
  )
}

const Result = ({ result }: { result: FindResult }) => {
  const inside = (
    <>
      <Icon name={result.icon} />
      <span class="clip" dir="auto">
        {result.label}
      </span>
      {result.note && <span class="muted small push">{result.note}</span>}
      {result.keys && <Kbd>{result.keys.toUpperCase()}</Kbd>}
    </>
  )
  return result.isAct ? (
    <form method="post" action={result.href}>
      <button data-result>{inside}</button>
    </form>
  ) : (
    <a href={result.href} data-result>
      {inside}
    </a>
  )
}
