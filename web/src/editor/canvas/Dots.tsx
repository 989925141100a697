/**
 * The dots behind the nodes. They are drawn once for each zoom and then moved as one picture: the library draws its own
 * anew with every frame of a pan, which costs as much as all of the nodes.
 */

import { useStoreApi } from "@xyflow/react";
import { useEffect, useRef } from "react";
import classes from "./Dots.module.css";

/** The distance of the dots, and how wide one is, at the zoom of 1. */
const GAP = 20;
const WIDE = 1.4;
/** Dots that are nearer than this are a haze, and none is drawn. */
const NEAREST = 6;

/** Where the pattern begins, so that it goes with the canvas: between one step before the edge and the edge. */
export function offsetOf(place: number, step: number): number {
  return Math.round(place - Math.ceil(place / step) * step);
}

export function Dots() {
  const store = useStoreApi();
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let shown: readonly number[] = [];
    const draw = () => {
      const element = frame.current;
      const { transform } = store.getState();
      if (!element || transform === shown) return;
      const [x, y, zoom] = transform;
      const step = GAP * zoom;
      if (zoom !== shown[2]) {
        element.style.setProperty("--step", `${step}px`);
        element.style.setProperty("--dot", `${(WIDE * zoom) / 2}px`);
        element.style.visibility = step < NEAREST ? "hidden" : "visible";
      }
      element.style.transform = `translate(${offsetOf(x, step)}px, ${offsetOf(y, step)}px)`;
      shown = transform;
    };
    draw();
    return store.subscribe(draw);
  }, [store]);
  return <div ref={frame} className={classes.dots} aria-hidden />;
}
