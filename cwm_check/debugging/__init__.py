"""The neural debugger: steps, frames and locals of predicted runs, told in a shell or to an editor."""
