const COLOURS = ['#2f9e6e', '#8b6cf6', '#f4b740', '#d1495b']

/** Throws confetti from the element; loaded only once somebody has voted. */
export function celebrate(element: HTMLElement): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  const { left, width, bottom } = element.getBoundingClientRect()
  for (let i = 0; i < 60; i++) {
    const piece = document.createElement('i')
    piece.className = 'confetti'
    piece.style.cssText = `left: ${left + Math.random() * width}px; top: ${bottom}px; background: ${COLOURS[i % COLOURS.length]}`
    document.body.append(piece)
    piece.animate(
      {
        transform: [
          'none',
          `translate(${Math.random() * 240 - 120}px, ${120 + Math.random() * 260}px) rotate(${Math.random() * 900}deg)`,
        ],
        opacity: [1, 0],
      },
      { duration: 900 + Math.random() * 900, easing: 'cubic-bezier(.15, .6, .5, 1)' },
    ).onfinish = () => piece.remove()
  }
}
