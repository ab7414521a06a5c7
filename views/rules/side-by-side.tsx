// Two texts beside each other, line by line. On a narrow page what a line was stands over what it became.

import type { LinePair, LineRow } from '#domain/rules/merge/side-by-side.ts'

interface SideBySideProps {
  /** Of its region, where a page has several. */
  readonly label?: string
  readonly rows: readonly LineRow[]
  /** What the left and the right text are. */
  readonly titles: readonly [before: string, after: string]
}

export const SideBySide = ({ rows, titles, label = 'Lines that changed' }: SideBySideProps) => (
  <div class="sides" tabindex={0} role="region" aria-label={label}>
    <table>
      <colgroup>
        <col class="sides-number" />
        <col />
        <col class="sides-number" />
        <col />
      </colgroup>
      <thead>
        <tr>
          <th scope="col" colspan={2}>
            {titles[0]}
          </th>
          <th scope="col" colspan={2}>
            {titles[1]}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) =>
          row.kind === 'gap' ? (
            <tr class="sides-gap">
              <td colspan={4}>
                {row.count} {row.count === 1 ? 'line is' : 'lines are'} the same
              </td>
            </tr>
          ) : (
            <tr data-change={row.kind}>
              <Side line={row.before} sign={row.kind === 'same' ? '' : '\u2212'} said="removed" />
              <Side line={row.after} sign={row.kind === 'same' ? '' : '+'} said="added" />
            </tr>
          ),
        )}
      </tbody>
    </table>
  </div>
)

interface SideProps {
  readonly line: LinePair['before']
  /** Shown before a line that is not on both sides; colour alone says nothing. */
  readonly sign: string
  readonly said: string
}

const Side = ({ line, sign, said }: SideProps) => (
  <>
    <td class="sides-number">{line?.number}</td>
    <td class="sides-text" data-is={line && sign !== '' ? said : undefined}>
      {line && (
        <code>
          {sign !== '' && (
            <span class="sides-sign" aria-hidden="true">
              {sign}
            </span>
          )}
          {sign !== '' && <span class="vh">{said}: </span>}
          {line.text}
        </code>
      )}
    </td>
  </>
)
