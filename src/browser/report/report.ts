import type { Report } from '../../build/report/report.ts'
import { bytes, element, node } from '../page/dom.ts'
import { showMap } from './map.ts'
import { showSections } from './sections.ts'
import { showTable } from './table.ts'

const report = JSON.parse(element('report').textContent ?? '') as Report

element('about').textContent = `${report.staticRoot}, ${new Date(report.createdAt).toLocaleString()}`
showTotals()
showMap(report.files)
showTable(report.files)
showSections(report)

function showTotals(): void {
  const sum = (measure: 'raw' | 'gzip' | 'brotli') =>
    report.files.reduce((total, file) => total + file[measure], 0)
  const problems = report.broken.length + report.templates.length
  const totals: [string, string][] = [
    ['Files', report.files.length.toLocaleString('en-US')],
    ['Raw', bytes(sum('raw'))],
    ['gzip', bytes(sum('gzip'))],
    ['Brotli', bytes(sum('brotli'))],
    ['Broken references', problems.toLocaleString('en-US')],
  ]
  element('totals').append(
    ...totals.map(([term, value]) => node('div', {}, node('dt', {}, term), node('dd', {}, value))),
  )
}
