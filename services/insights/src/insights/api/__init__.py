"""The door for people: timelines, figures, and the development page of one touch. Reads only."""
