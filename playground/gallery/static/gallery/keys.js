const STEPS = { ArrowLeft: -1, ArrowRight: 1 }

/** Calls back with -1 or 1 for the left or right arrow key. */
export function onArrow(element, callback) {
  element.addEventListener('keydown', event => {
    const step = STEPS[event.key]
    if (step) callback(step)
  })
}
