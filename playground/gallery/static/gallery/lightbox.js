import { onArrow } from './keys.js'

const list = document.querySelector('[data-lightbox]')
const links = [...list.querySelectorAll('a')]
const dialog = createDialog()
const picture = dialog.querySelector('img')
let current = 0

list.addEventListener('click', event => {
  const link = event.target.closest('a')
  if (!link) return
  event.preventDefault()
  show(links.indexOf(link))
  dialog.showModal()
})
onArrow(dialog, step => show((current + step + links.length) % links.length))

function show(index) {
  current = index
  picture.src = links[index].href
  picture.alt = links[index].title
}

function createDialog() {
  const dialog = document.createElement('dialog')
  dialog.className = 'lightbox'
  dialog.innerHTML = '<img alt=""><button type="button" aria-label="Close"><img alt=""></button>'
  dialog.querySelector('button img').src = new URL('./img/close.svg', import.meta.url)
  dialog.querySelector('button').addEventListener('click', () => dialog.close())
  document.body.append(dialog)
  return dialog
}
