// Owns measuring how wide an element is, as it changes. Knows no screen.
import { useCallback, useRef, useState } from 'react';

/** A ref for the element and its inner width in pixels (0 until it was measured). */
export function useWidth(): [(element: HTMLElement | null) => void, number] {
  const [width, setWidth] = useState(0);
  const observer = useRef<ResizeObserver | null>(null);
  const watch = useCallback((element: HTMLElement | null) => {
    observer.current?.disconnect();
    if (!element) return;
    observer.current = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.current.observe(element);
    setWidth(element.clientWidth);
  }, []);
  return [watch, width];
}
