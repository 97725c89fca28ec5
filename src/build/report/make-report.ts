import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { StaticFilesError } from '../../base/errors.ts'
import { contains } from '../../base/files/paths.ts'
import { changesSince } from './changes.ts'
import { createReport, type ReportInput } from './create.ts'
import { reportHtml } from './html.ts'
import type { Report } from './report.ts'

/** Reports what the last build wrote, and what changed since the previous build. */
export async function makeReport(input: ReportInput, cacheDir: string): Promise<Report> {
  const report = await createReport(input)
  return { ...report, changes: changesSince(cacheDir, input.options.staticRoot, report.files) }
}

/**
 * Writes a report as one HTML page.
 * @throws StaticFilesError if the file would lie in the static root, or cannot be written
 */
export async function writeReport(report: Report, file: string, staticRoot: string): Promise<void> {
  if (contains(staticRoot, file)) {
    throw new StaticFilesError(
      `the report ${file} would lie in the static root, and be published: give it another path`,
    )
  }
  try {
    await writeFile(path.normalize(file), reportHtml(report))
  } catch (cause) {
    throw new StaticFilesError(`cannot write the report ${file}: ${(cause as Error).message}`, { cause })
  }
}
