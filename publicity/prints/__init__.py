"""What is printed and hung up: publicity lists, posters and cards with codes, for the browser's print view and as PDF.

``contents`` has the words, the same for both; ``templates/publicity`` draws them for the browser, ``documents`` as PDF.
"""
