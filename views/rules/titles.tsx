// The rules that something is about to be done with, by title: the first of them, and how many more.

import { clip, formatNumber } from '#views/parts/format.ts'

export const TitleRows = ({ titles, total }: { titles: readonly string[]; total: number }) => (
  <ul class="rows">
    {titles.map((title) => (
      <li>
        <span class="grow break" dir="auto">
          {clip(title, 200)}
        </span>
      </li>
    ))}
    {total > titles.length && <li class="muted">and {formatNumber(total - titles.length)} more</li>}
  </ul>
)
