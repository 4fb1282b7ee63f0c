"Small GPT-2-style language models that tell stories."

__version__ = "0.1.0"
