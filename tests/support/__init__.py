"""What tests of several features use: the cast signed in, the rolled-back world, files to send."""
